package dev.sightline.attention.internal.kernel;

/**
 * Arithmetic on single numbers, the same for all kernels. Scores are in units of log2, since a
 * power of two costs less than one of e.
 */
public final class ScalarMath {
  public static final float LOG2_E = (float) (1 / Math.log(2));
  public static final float LN_2 = (float) Math.log(2);

  private ScalarMath() {}

  /**
   * Converts to units of log2. The lowest float, which many write for "masked", stays finite: it is
   * not minus infinity, and a row of nothing but lowest floats is uniform.
   */
  public static float inLog2(float x) {
    float scaled = x * LOG2_E;
    return Float.isInfinite(scaled) && !Float.isInfinite(x)
        ? Math.copySign(Float.MAX_VALUE, x)
        : scaled;
  }

  /** 2^x with the range reduction and the polynomial of {@link Lanes}; exactly 0 below 2^-126. */
  public static float exp2(float x) {
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
  public static float finite(float max) {
    return max == Float.NEGATIVE_INFINITY ? 0f : max;
  }

  /** {@code output[to + d] += weight * values[from + d]} for d below columns. */
  public static void addRow(
      float weight, float[] values, int from, int columns, float[] output, int to) {
    for (int d = 0; d < columns; d++) {
      output[to + d] += weight * values[from + d];
    }
  }
}
