package dev.sightline.mask.internal.band;

/**
 * Transposes tile rows kept as runs. It walks down the rows and remembers, for every column, the
 * class it has and since when; only where a row differs from the one above is there anything to do,
 * so that a column's tiles become runs without being visited one by one.
 */
public final class TileTranspose {
  private static final byte EMPTY = 0;
  private static final byte PARTIAL = 1;
  private static final byte FULL = 2;

  private final TileRuns tiles;
  private final byte[] now;
  private final int[] since;
  private final IntBuffer column = new IntBuffer();
  private final IntBuffer start = new IntBuffer();
  private final IntBuffer end = new IntBuffer();
  private final IntBuffer full = new IntBuffer();

  private TileTranspose(TileRuns tiles) {
    this.tiles = tiles;
    this.now = new byte[tiles.columns()];
    this.since = new int[tiles.columns()];
  }

  /** The same tiles by column: row c of the result has the tile rows of column c. */
  public static TileRuns of(TileRuns tiles) {
    return new TileTranspose(tiles).run();
  }

  private TileRuns run() {
    int[] rowStart = tiles.rowStart();
    for (int row = 0; row <= tiles.rows(); row++) {
      // One row beyond the last, all empty, closes what is open.
      int above = row == 0 ? 0 : rowStart[row - 1];
      int aboveEnd = row == 0 ? 0 : rowStart[row];
      int here = row == tiles.rows() ? 0 : rowStart[row];
      int hereEnd = row == tiles.rows() ? 0 : rowStart[row + 1];
      int at = 0;
      while (above < aboveEnd || here < hereEnd) {
        int next = Math.min(bound(above, aboveEnd, at), bound(here, hereEnd, at));
        byte was = tileClass(above, aboveEnd, at);
        byte is = tileClass(here, hereEnd, at);
        if (was != is) {
          for (int c = at; c < next; c++) {
            change(c, row, is);
          }
        }
        at = next;
        above += above < aboveEnd && tiles.runEnd()[above] <= at ? 1 : 0;
        here += here < hereEnd && tiles.runEnd()[here] <= at ? 1 : 0;
      }
    }
    return build();
  }

  /** The next column after a column at which the class of a row changes. */
  private int bound(int run, int last, int at) {
    if (run == last) {
      return Integer.MAX_VALUE;
    }
    return at < tiles.runStart()[run] ? tiles.runStart()[run] : tiles.runEnd()[run];
  }

  private byte tileClass(int run, int last, int at) {
    if (run == last || at < tiles.runStart()[run]) {
      return EMPTY;
    }
    return tiles.runFull()[run] ? FULL : PARTIAL;
  }

  private void change(int c, int row, byte tileClass) {
    if (now[c] != EMPTY) {
      column.add(c);
      start.add(since[c]);
      end.add(row);
      full.add(now[c]);
    }
    now[c] = tileClass;
    since[c] = row;
  }

  /** Runs were closed in the order of rows; a stable counting sort brings them by column. */
  private TileRuns build() {
    int[] first = new int[tiles.columns() + 1];
    for (int r = 0; r < column.size(); r++) {
      first[column.get(r) + 1]++;
    }
    for (int c = 0; c < tiles.columns(); c++) {
      first[c + 1] += first[c];
    }
    int[] place = first.clone();
    int[] runStart = new int[column.size()];
    int[] runEnd = new int[column.size()];
    boolean[] runFull = new boolean[column.size()];
    for (int r = 0; r < column.size(); r++) {
      int to = place[column.get(r)]++;
      runStart[to] = start.get(r);
      runEnd[to] = end.get(r);
      runFull[to] = full.get(r) == FULL;
    }
    return new TileRuns(
        tiles.keys(),
        tiles.queries(),
        tiles.tileKeys(),
        tiles.tileQueries(),
        first,
        runStart,
        runEnd,
        runFull);
  }
}
