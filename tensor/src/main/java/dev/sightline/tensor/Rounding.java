package dev.sightline.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Rounds floats to a narrower type: to nearest, ties to even, as in IEEE 754. */
final class Rounding {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private Rounding() {}

  static MemorySegment round(float[] values, ElementType type) {
    long bytes = (long) values.length * type.bytes();
    MemorySegment elements =
        MemorySegment.ofArray(new long[(int) ((bytes + 7) / 8)]).asSlice(0, bytes);
    switch (type) {
      case FLOAT32 -> MemorySegment.copy(values, 0, elements, FLOAT, 0, values.length);
      case FLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          elements.set(SHORT, 2L * i, Float.floatToFloat16(values[i]));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          elements.set(SHORT, 2L * i, bfloat16(values[i]));
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
