package dev.sightline.bench.comparison;

/** Converts between {@code [B, H, L, D]} and {@code [B, L, H * D]}. */
final class HeadLayout {
  private HeadLayout() {}

  static float[] toTokens(float[] heads, int batch, int count, int length, int size) {
    return swap(heads, batch, count, length, size);
  }

  static float[] toHeads(float[] tokens, int batch, int count, int length, int size) {
    return swap(tokens, batch, length, count, size);
  }

  /** {@code [B, M, N, D]} to {@code [B, N, M, D]}. */
  private static float[] swap(float[] from, int batch, int m, int n, int size) {
    float[] to = new float[from.length];
    for (int b = 0; b < batch; b++) {
      for (int i = 0; i < m; i++) {
        for (int j = 0; j < n; j++) {
          System.arraycopy(
              from, ((b * m + i) * n + j) * size, to, ((b * n + j) * m + i) * size, size);
        }
      }
    }
    return to;
  }
}
