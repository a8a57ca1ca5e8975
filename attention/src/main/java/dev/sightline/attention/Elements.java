package dev.sightline.attention;

import dev.sightline.mask.convert.FloatType;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/**
 * Numbers as a model stores them: float32, or 16 bits that are widened a tile at a time. Wraps its
 * array, neither copies nor guards it.
 */
public sealed interface Elements {
  /** Elements of type float32. */
  static Elements of(float[] data) {
    return new Singles(data);
  }

  /**
   * Elements of type float16 or bfloat16, as their bits.
   *
   * @throws IllegalArgumentException if the type is float32
   */
  static Elements of(short[] bits, FloatType type) {
    return switch (type) {
      case FLOAT16 -> new Halves(bits);
      case BFLOAT16 -> new Brains(bits);
      case FLOAT32 ->
          throw new IllegalArgumentException(
              "16 bits are float16 or bfloat16, but the type given is FLOAT32");
    };
  }

  /**
   * The elements of a tensor as a file stores it: float16 and bfloat16 as their bits, any other
   * type as float32. A float32 tensor that was read from a file is not copied.
   */
  static Elements of(RawTensor tensor) {
    ElementType type = tensor.type();
    if (type != ElementType.FLOAT16 && type != ElementType.BFLOAT16) {
      return of(tensor.toFloats().data());
    }
    short[] bits = new short[tensor.shape().size()];
    ValueLayout.OfShort stored =
        ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    MemorySegment.copy(tensor.elements(), stored, 0, bits, 0, bits.length);
    return of(bits, type == ElementType.FLOAT16 ? FloatType.FLOAT16 : FloatType.BFLOAT16);
  }

  /** The number of elements. */
  int length();

  /** Writes elements [from, from + count) as float32. */
  void widen(int from, float[] to, int at, int count);

  /** float32. */
  @SuppressWarnings("ArrayRecordComponent") // never compared: a name for an array
  record Singles(float[] data) implements Elements {
    @Override
    public int length() {
      return data.length;
    }

    @Override
    public void widen(int from, float[] to, int at, int count) {
      System.arraycopy(data, from, to, at, count);
    }
  }

  /** IEEE half precision. */
  @SuppressWarnings("ArrayRecordComponent") // as above
  record Halves(short[] bits) implements Elements {
    @Override
    public int length() {
      return bits.length;
    }

    @Override
    public void widen(int from, float[] to, int at, int count) {
      for (int i = 0; i < count; i++) {
        to[at + i] = Float.float16ToFloat(bits[from + i]);
      }
    }
  }

  /** bfloat16: the upper half of a float32. */
  @SuppressWarnings("ArrayRecordComponent") // as above
  record Brains(short[] bits) implements Elements {
    @Override
    public int length() {
      return bits.length;
    }

    @Override
    public void widen(int from, float[] to, int at, int count) {
      for (int i = 0; i < count; i++) {
        to[at + i] = Float.intBitsToFloat(bits[from + i] << 16);
      }
    }
  }
}
