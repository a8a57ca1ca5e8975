package dev.sightline.attention;

import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
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

  /**
   * A bias with one row, head and query or one for each; one cell of {@code masked} is minus
   * infinity.
   */
  static FloatTensor bias(Random random, AttentionShape s, int masked) {
    Shape shape =
        Shape.of(
            random.nextBoolean() ? 1 : s.batch(),
            random.nextBoolean() ? 1 : s.queryHeads(),
            random.nextBoolean() ? 1 : s.queries(),
            s.keys());
    float[] data = normal(random, shape.size());
    for (int i = 0; i < data.length; i++) {
      if (random.nextInt(masked) == 0) {
        data[i] = Float.NEGATIVE_INFINITY;
      }
    }
    return FloatTensor.of(shape, data);
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
