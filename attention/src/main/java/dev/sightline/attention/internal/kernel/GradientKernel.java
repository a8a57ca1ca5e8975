package dev.sightline.attention.internal.kernel;

/**
 * The inner loops of the backward pass that the forward pass has not, for blocks of queries of the
 * {@link Kernel}'s width. {@code scores[key][lane]} is transposed as there; rows of queries and
 * sums over queries are not, but are in {@link RowPanels}.
 */
public interface GradientKernel {
  /** The number of keys that are summed at a time. */
  int KEYS = 6;

  /**
   * Replaces the scores by probabilities, {@code p = 2^(score - logSumExp[lane])}, and the products
   * of values and output gradients by the gradients of the scores, {@code p * (product -
   * shares[lane])}. A score of minus infinity has the probability 0, whatever the sum is; where the
   * probability is 0 the gradient is 0, whatever the product is.
   */
  void scoreGradients(
      float[] scores, float[] products, int first, int end, float[] logSumExp, float[] shares);

  /**
   * {@code sums[firstSum + key][column] += sum over blocks and lanes of weights[block][key][lane] *
   * rows[firstRows[block] + lane][column]} over keys [first, end), block after block and lane after
   * lane.
   *
   * @param blocks the number of blocks, the first of weights
   * @param first a multiple of {@link #KEYS}
   * @param end a multiple of {@link #KEYS}
   */
  void accumulateRows(
      float[][] weights,
      int blocks,
      int first,
      int end,
      RowPanels rows,
      int[] firstRows,
      RowPanels sums,
      int firstSum);

  /**
   * As {@link #accumulateRows}, bit for bit except for the signs of zeros, where all rows are
   * finite. A row with a weight of 0 is left out, as it would give NaN if it is not finite.
   */
  void accumulateRowsWeighted(
      float[][] weights,
      int blocks,
      int first,
      int end,
      RowPanels rows,
      int[] firstRows,
      RowPanels sums,
      int firstSum);
}
