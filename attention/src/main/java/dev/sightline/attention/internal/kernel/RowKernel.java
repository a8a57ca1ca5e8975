package dev.sightline.attention.internal.kernel;

/** The inner loops of attention for one query over many keys. */
public interface RowKernel {
  /** {@code scores[key] = factor * (query . keys[key])} for one query and count keys. */
  void scores(
      float[] query,
      int queryOffset,
      int headSize,
      float factor,
      float[] keys,
      int offset,
      int stride,
      int count,
      float[] scores,
      int scoresOffset);

  /** The largest of count scores; NaN is ignored. */
  float max(float[] scores, int offset, int count);

  /** Replaces count scores by weights, {@code 2^(score - reference)}, and returns their sum. */
  float weights(float[] scores, int offset, int count, float reference);

  /**
   * {@code output += sum over keys of weight * values[key]} for one query and two stretches of
   * count keys, a key of the first and a key of the second in turns.
   *
   * @param first of the weights of the first stretch
   * @param second of the weights of the second
   * @param firstRow of the values of the first
   * @param secondRow of the values of the second
   */
  void accumulate(
      float[] weights,
      int first,
      int second,
      int count,
      float[] values,
      int firstRow,
      int secondRow,
      int stride,
      int columns,
      float[] output,
      int to);
}
