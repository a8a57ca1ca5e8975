package dev.sightline.mask;

import dev.sightline.mask.internal.band.IntBuffer;
import dev.sightline.mask.internal.band.TileRuns;
import dev.sightline.mask.internal.band.TileTranspose;

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
  private final TileRuns runs;

  Tiles(TileRuns runs) {
    this.runs = runs;
  }

  /** {@return Lq, the number of queries of the mask} */
  public int queries() {
    return runs.queries();
  }

  /** {@return Lk, the number of keys of the mask} */
  public int keys() {
    return runs.keys();
  }

  /** {@return the number of queries in a tile; the last row of tiles may have fewer} */
  public int tileQueries() {
    return runs.tileQueries();
  }

  /** {@return the number of keys in a tile; the last column of tiles may have fewer} */
  public int tileKeys() {
    return runs.tileKeys();
  }

  /** {@return the number of tile rows, ceil(Lq / tileQueries)} */
  public int rows() {
    return runs.rows();
  }

  /** {@return the number of tile columns, ceil(Lk / tileKeys)} */
  public int columns() {
    return runs.columns();
  }

  /** {@return the index of the first run of each tile row, and the number of runs at the end} */
  @SuppressWarnings("ArrayReturn")
  public int[] rowStart() {
    return runs.rowStart();
  }

  /** {@return the first tile column of each run} */
  @SuppressWarnings("ArrayReturn")
  public int[] runStart() {
    return runs.runStart();
  }

  /** {@return one past the last tile column of each run} */
  @SuppressWarnings("ArrayReturn")
  public int[] runEnd() {
    return runs.runEnd();
  }

  /** {@return whether the tiles of each run are full; otherwise they are partial} */
  @SuppressWarnings("ArrayReturn")
  public boolean[] runFull() {
    return runs.runFull();
  }

  /**
   * {@return what one tile holds}
   *
   * @param row tile row
   * @param column tile column
   * @throws IllegalArgumentException if there is no such tile
   */
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
    int low = runs.rowStart()[row];
    int high = runs.rowStart()[row + 1];
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (runs.runEnd()[middle] <= column) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    if (low == runs.rowStart()[row + 1] || runs.runStart()[low] > column) {
      return TileClass.EMPTY;
    }
    return runs.runFull()[low] ? TileClass.FULL : TileClass.PARTIAL;
  }

  /** {@return the number of tiles that are full} */
  public long full() {
    return count(true);
  }

  /** {@return the number of tiles that are partial} */
  public long partial() {
    return count(false);
  }

  private long count(boolean full) {
    long sum = 0;
    for (int run = 0; run < runs.runStart().length; run++) {
      sum += runs.runFull()[run] == full ? runs.runEnd()[run] - runs.runStart()[run] : 0;
    }
    return sum;
  }

  /**
   * {@return the columns of the full or the partial tiles of a row, ascending; none for {@link
   * TileClass#EMPTY}}
   *
   * @param row tile row, from 0
   * @param kind full or partial
   */
  public int[] columnsOf(int row, TileClass kind) {
    IntBuffer columns = new IntBuffer();
    for (int run = runs.rowStart()[row]; run < runs.rowStart()[row + 1]; run++) {
      if (runs.runFull()[run] == (kind == TileClass.FULL) && kind != TileClass.EMPTY) {
        for (int c = runs.runStart()[run]; c < runs.runEnd()[run]; c++) {
          columns.add(c);
        }
      }
    }
    return columns.toArray();
  }

  /**
   * {@return the same tiles by column: row c of the result lists the tile rows that column c needs,
   * which is the order of a kernel that walks over keys} Its cost grows with the runs, not with the
   * tiles.
   */
  public Tiles transpose() {
    return new Tiles(TileTranspose.of(runs));
  }

  @Override
  public String toString() {
    return rows()
        + " x "
        + columns()
        + " tiles of "
        + tileQueries()
        + " x "
        + tileKeys()
        + ": "
        + full()
        + " full, "
        + partial()
        + " partial";
  }
}
