package dev.sightline.attention;

/**
 * Receives the probabilities or scores of a run, a matrix {@code [B, Hq, Lq, Lk]}, tile by tile, so
 * that the matrix never has to exist. Pairs that no tile covers are masked: probability 0.
 *
 * <p>Tiles of one query come from one thread, keys ascending; tiles of other queries may come from
 * other threads at the same time. The array is used again after the call.
 */
@FunctionalInterface
public interface TileObserver {
  /**
   * Receives one tile, in row-major order.
   *
   * @param batch the batch row, or the sequence of a packed batch
   * @param head the query head
   * @param firstQuery the query of the first row
   * @param queries the number of rows
   * @param firstKey the key of the first column
   * @param keys the number of columns
   * @param tile {@code tile[q * keys + k]} is query firstQuery + q and key firstKey + k
   */
  void tile(int batch, int head, int firstQuery, int queries, int firstKey, int keys, float[] tile);
}
