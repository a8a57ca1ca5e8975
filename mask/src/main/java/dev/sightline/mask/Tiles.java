package dev.sightline.mask;

/**
 * Which tiles of a {@code [Lq, Lk]} mask a kernel has to visit, in compressed rows: for every row
 * of tiles the runs of neighbouring tiles of one class, left to right. A tile that is in no run is
 * empty. Causal attention over a million tokens has 2^25 tiles to visit, but two runs a row.
 *
 * <p>The arrays {@link #rowStart()}, {@link #runStart()}, {@link #runEnd()} and {@link #runFull()}
 * are the structure itself, for kernels: runs {@code rowStart[r]} to {@code rowStart[r + 1] - 1}
 * belong to tile row r. They must not be written to.
 */
public final class Tiles {
  private final int queries;
  private final int keys;
  private final int tileQueries;
  private final int tileKeys;
  private final int[] rowStart;
  private final int[] runStart;
  private final int[] runEnd;
  private final boolean[] runFull;

  Tiles(
      int queries,
      int keys,
      int tileQueries,
      int tileKeys,
      int[] rowStart,
      int[] runStart,
      int[] runEnd,
      boolean[] runFull) {
    this.queries = queries;
    this.keys = keys;
    this.tileQueries = tileQueries;
    this.tileKeys = tileKeys;
    this.rowStart = rowStart;
    this.runStart = runStart;
    this.runEnd = runEnd;
    this.runFull = runFull;
  }

  /** Lq, the number of queries of the mask. */
  public int queries() {
    return queries;
  }

  /** Lk, the number of keys of the mask. */
  public int keys() {
    return keys;
  }

  /** The number of queries in a tile; the last row of tiles may have fewer. */
  public int tileQueries() {
    return tileQueries;
  }

  /** The number of keys in a tile; the last column of tiles may have fewer. */
  public int tileKeys() {
    return tileKeys;
  }

  /** The number of tile rows, ceil(Lq / tileQueries). */
  public int rows() {
    return rowStart.length - 1;
  }

  /** The number of tile columns, ceil(Lk / tileKeys). */
  public int columns() {
    return (int) (((long) keys + tileKeys - 1) / tileKeys);
  }

  /** The index of the first run of each tile row, and the number of runs at the end. */
  @SuppressWarnings("ArrayReturn")
  public int[] rowStart() {
    return rowStart;
  }

  /** The first tile column of each run. */
  @SuppressWarnings("ArrayReturn")
  public int[] runStart() {
    return runStart;
  }

  /** One past the last tile column of each run. */
  @SuppressWarnings("ArrayReturn")
  public int[] runEnd() {
    return runEnd;
  }

  /** Whether the tiles of each run are full; otherwise they are partial. */
  @SuppressWarnings("ArrayReturn")
  public boolean[] runFull() {
    return runFull;
  }

  /** What one tile holds. */
  public TileClass at(int row, int column) {
    if (row < 0 || row >= rows() || column < 0 || column >= columns()) {
      throw new IllegalArgumentException(
          "tile ("
              + row
              + ", "
              + column
              + ") is outside of the "
              + rows()
              + " x "
              + columns()
              + " tiles");
    }
    int low = rowStart[row];
    int high = rowStart[row + 1];
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (runEnd[middle] <= column) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == rowStart[row + 1] || runStart[low] > column) {
      return TileClass.EMPTY;
    }
    return runFull[low] ? TileClass.FULL : TileClass.PARTIAL;
  }

  /** The number of tiles that are full. */
  public long full() {
    return count(true);
  }

  /** The number of tiles that are partial. */
  public long partial() {
    return count(false);
  }

  private long count(boolean full) {
    long sum = 0;
    for (int run = 0; run < runStart.length; run++) {
      sum += runFull[run] == full ? runEnd[run] - runStart[run] : 0;
    }
    return sum;
  }

  /** The columns of the full or the partial tiles of a row, ascending. */
  public int[] columnsOf(int row, TileClass kind) {
    IntBuffer columns = new IntBuffer();
    for (int run = rowStart[row]; run < rowStart[row + 1]; run++) {
      if (runFull[run] == (kind == TileClass.FULL) && kind != TileClass.EMPTY) {
        for (int c = runStart[run]; c < runEnd[run]; c++) {
          columns.add(c);
        }
      }
    }
    return columns.toArray();
  }

  /**
   * The same tiles by column: row c of the result lists the tile rows that column c needs, which is
   * the order of a kernel that walks over keys. Its cost grows with the runs, not with the tiles.
   */
  public Tiles transpose() {
    return TileTranspose.of(this);
  }

  @Override
  public String toString() {
    return rows()
        + " x "
        + columns()
        + " tiles of "
        + tileQueries
        + " x "
        + tileKeys
        + ": "
        + full()
        + " full, "
        + partial()
        + " partial";
  }
}
