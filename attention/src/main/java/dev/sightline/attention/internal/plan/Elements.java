package dev.sightline.attention.internal.plan;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.TensorBytes;

/**
 * The elements of a tensor as a model stores them: float32, or 16 bits that are converted to
 * float32 a tile at a time. Wraps its array without a copy.
 */
public sealed interface Elements {
  /** Elements of type float32. */
  static Elements of(float[] data) {
    return new Float32Elements(data);
  }

  /**
   * The bits of elements of type float16 or bfloat16.
   *
   * @throws IllegalArgumentException if the type is another one
   */
  static Elements of(short[] bits, ElementType type) {
    return switch (type) {
      case FLOAT16 -> new Float16Elements(bits);
      case BFLOAT16 -> new BFloat16Elements(bits);
      default ->
          throw new IllegalArgumentException(
              "16 bits are float16 or bfloat16, but the type given is " + type);
    };
  }

  /**
   * The elements of a tensor as a file stores it: the bits of float16 and bfloat16, copied, and any
   * other type as float32. A float32 tensor that was read from a file is not copied.
   */
  static Elements of(RawTensor tensor) {
    ElementType type = tensor.type();
    if (type != ElementType.FLOAT16 && type != ElementType.BFLOAT16) {
      return of(tensor.toFloats().data());
    }
    short[] bits = new short[tensor.shape().size()];
    TensorBytes elements = tensor.elements();
    for (int i = 0; i < bits.length; i++) {
      bits[i] = elements.getShort(2L * i);
    }
    return of(bits, type);
  }

  /** The number of elements. */
  int length();

  /** Writes elements [from, from + count) as float32. */
  void widen(int from, float[] to, int at, int count);

  /** Writes rows of size elements as float32, from rows stride elements apart to rows toStride. */
  default void widenRows(int from, int stride, int rows, int size, float[] to, int toStride) {
    for (int r = 0; r < rows; r++) {
      widen(from + r * stride, to, r * toStride, size);
    }
  }

  /** float32. */
  @SuppressWarnings("ArrayRecordComponent") // never compared: a name for an array
  record Float32Elements(float[] data) implements Elements {
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
  record Float16Elements(short[] bits) implements Elements {
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
  record BFloat16Elements(short[] bits) implements Elements {
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
