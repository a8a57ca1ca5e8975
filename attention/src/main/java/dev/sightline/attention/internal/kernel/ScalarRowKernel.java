package dev.sightline.attention.internal.kernel;

/** The row kernel in plain loops. */
final class ScalarRowKernel implements RowKernel {
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
      scores[at] = ScalarMath.exp2(scores[at] - reference);
      sum += scores[at];
    }
    return sum;
  }

  @Override
  public void accumulate(
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
      int to) {
    for (int k = 0; k < count; k++) {
      for (int stream = 0; stream < STREAMS; stream++) {
        float weight = weights[first + stream * distance + k];
        int from = row + stream * rowDistance + k * stride;
        ScalarMath.addRow(weight, values, from, columns, output, to);
      }
    }
  }
}
