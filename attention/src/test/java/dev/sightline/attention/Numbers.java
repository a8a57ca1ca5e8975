package dev.sightline.attention;

import java.util.Random;

/** Test tensors: normal numbers, so that every position, head and batch row is different. */
public final class Numbers {
  private Numbers() {}

  public static float[] normal(Random random, int count) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** The largest difference; infinite where one is NaN and the other is not. */
  public static double distance(float[] a, double[] b) {
    double worst = 0;
    for (int i = 0; i < a.length; i++) {
      double difference = a[i] == b[i] ? 0 : Math.abs(a[i] - b[i]);
      worst = Math.max(worst, Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference);
    }
    return worst;
  }

  /** {@code [B, H, L, D]} as {@code [B, L, H, D]}. */
  public static float[] tokensFirst(float[] x, int batch, int heads, int tokens, int size) {
    float[] y = new float[x.length];
    for (int b = 0; b < batch; b++) {
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < tokens; t++) {
          System.arraycopy(
              x,
              ((b * heads + h) * tokens + t) * size,
              y,
              ((b * tokens + t) * heads + h) * size,
              size);
        }
      }
    }
    return y;
  }
}
