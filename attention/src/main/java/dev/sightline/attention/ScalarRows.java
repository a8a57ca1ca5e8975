package dev.sightline.attention;

/** The row kernel in plain loops, and the arithmetic on single numbers that everybody shares. */
final class ScalarRows implements RowKernel {
  /** 2^x with the range reduction and the polynomial of {@link Lanes}; exactly 0 below 2^-126. */
  static float exp2(float x) {
    if (x < -126f) {
      return 0f;
    }
    float shifted = x + (0x1.8p23f + 127);
    float r = x - (shifted - (0x1.8p23f + 127));
    float power = Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << 23);
    float p = 0.0013264727f;
    p = p * r + 0.009671513f;
    p = p * r + 0.055507336f;
    p = p * r + 0.24022242f;
    p = p * r + 0.693147f;
    p = p * r + 1f;
    return p * power;
  }

  /** Where nothing is allowed the maximum is -infinity, and -infinity minus itself is NaN. */
  static float finite(float max) {
    return max == Float.NEGATIVE_INFINITY ? 0f : max;
  }

  @Override
  public void scores(
      float[] query,
      int queryOffset,
      int headSize,
      float factor,
      float[] keys,
      int offset,
      int stride,
      int count,
      float[] scores,
      int scoresOffset) {
    for (int key = 0; key < count; key++) {
      float sum = 0f;
      for (int d = 0; d < headSize; d++) {
        sum += query[queryOffset + d] * keys[offset + key * stride + d];
      }
      scores[scoresOffset + key] = factor * sum;
    }
  }

  @Override
  public float max(float[] scores, int offset, int count) {
    float most = Float.NEGATIVE_INFINITY;
    for (int at = offset; at < offset + count; at++) {
      most = scores[at] > most ? scores[at] : most;
    }
    return most;
  }

  @Override
  public float weights(float[] scores, int offset, int count, float reference) {
    float sum = 0f;
    for (int at = offset; at < offset + count; at++) {
      scores[at] = exp2(scores[at] - reference);
      sum += scores[at];
    }
    return sum;
  }

  @Override
  public void accumulate(
      float[] weights,
      int weightsOffset,
      float[] values,
      int offset,
      int stride,
      int count,
      int columns,
      float[] output,
      int outputOffset) {
    for (int key = 0; key < count; key++) {
      addRow(
          weights[weightsOffset + key],
          values,
          offset + key * stride,
          columns,
          output,
          outputOffset);
    }
  }

  static void addRow(float weight, float[] values, int from, int columns, float[] output, int to) {
    for (int d = 0; d < columns; d++) {
      output[to + d] += weight * values[from + d];
    }
  }
}
