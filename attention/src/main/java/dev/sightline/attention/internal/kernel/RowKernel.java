package dev.sightline.attention.internal.kernel;

/** The inner loops of attention for one query over many keys. */
public interface RowKernel {
  /** Stretches of keys that are read at a time. */
  int STREAMS = 4;

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
   * {@code output += sum over keys of weight * values[key]} for one query and {@link #STREAMS}
   * stretches of count keys each.
   *
   * @param first of the weights
   * @param distance of the weights of one stretch from those of the next
   * @param row the first of the values
   * @param rowDistance of the values of one stretch from those of the next
   */
  void accumulate(
      float[] weights,
      int first,
      int distance,
      int count,
      float[] values,
      int row,
      int rowDistance,
      int stride,
      int columns,
      float[] output,
      int to);
}
