package dev.sightline.tensor;

/** Rounds floats to a narrower type: to nearest, ties to even, as in IEEE 754. */
final class Rounding {
  private Rounding() {}

  static TensorBytes round(float[] values, ElementType type) {
    TensorBytes elements = TensorBytes.allocate(type, values.length);
    switch (type) {
      case FLOAT32 -> elements.put(0, TensorBytes.of(values), 0, elements.size());
      case FLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          elements.put(2L * i, Float.floatToFloat16(values[i]), 2);
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          elements.put(2L * i, bfloat16(values[i]), 2);
        }
      }
      default ->
          throw new IllegalArgumentException(
              "values can be rounded to float32, float16 or bfloat16, but not to " + type);
    }
    return elements;
  }

  /** The upper half of a float, which is what a bfloat16 is. */
  private static short bfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40); // a payload in the lower half must not become infinity
    }
    int even = bits >>> 16 & 1;
    return (short) ((bits + 0x7FFF + even) >>> 16);
  }
}
