package dev.sightline.mask.internal.band;

/**
 * The tiles of a {@code [Lq, Lk]} mask that are not empty, in compressed rows: runs {@code
 * rowStart[r]} to {@code rowStart[r + 1] - 1} are those of tile row r, from left to right, each of
 * tiles of one class.
 *
 * @param queries Lq
 * @param keys Lk
 * @param tileQueries queries in a tile; the last row of tiles may have fewer
 * @param tileKeys keys in a tile; the last column of tiles may have fewer
 * @param rowStart the first run of each tile row, and the number of runs at the end
 * @param runStart the first tile column of each run
 * @param runEnd one past the last tile column of each run
 * @param runFull whether the tiles of the run are full; otherwise they are partial
 */
@SuppressWarnings("ArrayRecordComponent") // never compared: tiles are asked, not matched
public record TileRuns(
    int queries,
    int keys,
    int tileQueries,
    int tileKeys,
    int[] rowStart,
    int[] runStart,
    int[] runEnd,
    boolean[] runFull) {
  /** The number of tile rows, ceil(Lq / tileQueries). */
  public int rows() {
    return rowStart.length - 1;
  }

  /** The number of tile columns, ceil(Lk / tileKeys). */
  public int columns() {
    return (int) (((long) keys + tileKeys - 1) / tileKeys);
  }
}
