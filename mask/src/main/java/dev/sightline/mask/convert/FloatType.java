package dev.sightline.mask.convert;

/** A floating-point type of a mask's additive form, with what it can and cannot hold. */
public enum FloatType {
  /** IEEE single precision. */
  FLOAT32(-Float.MAX_VALUE),
  /** IEEE half precision: -65504 to 65504. */
  FLOAT16(-65504f),
  /** The upper half of a float32: its range, but 8 bits of precision, so that 257 becomes 256. */
  BFLOAT16(Float.intBitsToFloat(0xFF7F0000));

  private final float lowest;

  FloatType(float lowest) {
    this.lowest = lowest;
  }

  /** {@return the lowest finite value, {@code finfo.min}} */
  public float lowest() {
    return lowest;
  }

  /**
   * {@return the nearest value of the type, ties to even; an infinity beyond its range}
   *
   * @param value the value to round
   */
  public float round(double value) {
    float single = (float) value;
    return switch (this) {
      case FLOAT32 -> single;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(single));
      case BFLOAT16 -> bfloat16(single);
    };
  }

  /**
   * {@return the sum as the type computes it}
   *
   * @param a a value of the type
   * @param b another value of the type
   */
  public float add(float a, float b) {
    return round((double) a + b);
  }

  private static float bfloat16(float value) {
    if (Float.isNaN(value)) {
      return value;
    }
    int bits = Float.floatToRawIntBits(value);
    int tie = (bits >>> 16) & 1;
    return Float.intBitsToFloat((bits + 0x7FFF + tie) & 0xFFFF0000);
  }
}
