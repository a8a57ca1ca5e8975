package dev.sightline.tensor;

import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A dense tensor as a file stores it: elements of any {@link ElementType}, row-major,
 * little-endian, not yet converted. Immutable as long as the caller does not write to the memory
 * that it passed in.
 */
public final class RawTensor {
  /** The most axes that a tensor from a file may have: NumPy's own limit for long. */
  public static final int MAX_RANK = 32;

  private static final Set<ElementType> INTEGERS =
      EnumSet.range(ElementType.INT8, ElementType.UINT64);

  private final ElementType type;
  private final Shape shape;
  private final TensorBytes elements;
  private final float @Nullable [] floats; // the array under the elements, where it is one

  private RawTensor(ElementType type, Shape shape, TensorBytes elements) {
    this.type = type;
    this.shape = shape;
    this.elements = elements.asReadOnly();
    this.floats = type == ElementType.FLOAT32 ? elements.wholeFloats() : null;
  }

  /**
   * Returns a tensor over the given memory, which is not copied.
   *
   * @param type the type of every element
   * @param shape lengths of the axes, at most {@link #MAX_RANK}
   * @param elements row-major, little-endian, without padding between or after the elements
   * @return the tensor
   * @throws IllegalArgumentException if the memory's size is not that of the shape, or the shape
   *     has more than {@link #MAX_RANK} axes
   */
  public static RawTensor of(ElementType type, Shape shape, TensorBytes elements) {
    if (shape.rank() > MAX_RANK) {
      throw new IllegalArgumentException(
          "a tensor has at most " + MAX_RANK + " axes, but the shape has " + shape.rank());
    }
    long expected = (long) shape.size() * type.bytes();
    if (elements.size() != expected) {
      throw new IllegalArgumentException(
          "a tensor "
              + type
              + " "
              + shape
              + " takes "
              + expected
              + " bytes, but "
              + elements.size()
              + " were given");
    }
    return new RawTensor(type, shape, elements);
  }

  /**
   * Returns the given values in a floating-point type, rounded to nearest, ties to even. A float32
   * tensor is not copied.
   *
   * @param values the float32 values
   * @param type {@link ElementType#FLOAT32}, {@link ElementType#FLOAT16} or {@link
   *     ElementType#BFLOAT16}
   * @return a tensor of the same shape
   * @throws IllegalArgumentException for any other type
   */
  public static RawTensor ofFloats(FloatTensor values, ElementType type) {
    if (type == ElementType.FLOAT32) {
      return of(type, values.shape(), TensorBytes.of(values.data()));
    }
    return of(type, values.shape(), Rounding.round(values.data(), type));
  }

  /**
   * Returns the type of the elements.
   *
   * @return the type
   */
  public ElementType type() {
    return type;
  }

  /**
   * Returns the lengths of the axes.
   *
   * @return the shape
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the elements, row-major and little-endian.
   *
   * @return the tensor's own memory, read-only, not a copy
   */
  public TensorBytes elements() {
    return elements;
  }

  /**
   * Returns the values as float32, from any type. Narrower floats and integers up to 16 bits are
   * exact. Wider types are rounded to nearest, and a float64 beyond float32's range becomes
   * infinite. Booleans become 0 and 1.
   *
   * @return a tensor of the same shape; a float32 tensor that was read from a file is not copied
   */
  public FloatTensor toFloats() {
    if (floats != null) {
      return FloatTensor.of(shape, floats);
    }
    float[] values = new float[shape.size()];
    switch (type) {
      case FLOAT32 -> TensorBytes.of(values).put(0, elements, 0, elements.size());
      case FLOAT64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) elements.getDouble(8L * i);
        }
      }
      case FLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.float16ToFloat(elements.getShort(2L * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = Float.intBitsToFloat(elements.getShort(2L * i) << 16);
        }
      }
      case UINT64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = unsignedToFloat(elements.getLong(8L * i));
        }
      }
      case BOOL -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = elements.getByte(i) == 0 ? 0 : 1;
        }
      }
      case INT8, UINT8, INT16, UINT16, INT32, UINT32, INT64 -> {
        for (int i = 0; i < values.length; i++) {
          values[i] = (float) longAt(i);
        }
      }
    }
    return FloatTensor.of(shape, values);
  }

  private static float unsignedToFloat(long value) {
    // Halving keeps the bit that falls off, or a value just above a tie would be rounded as one.
    return value >= 0 ? (float) value : 2f * (float) (value >>> 1 | (value & 1));
  }

  /**
   * Returns the values of a tensor of booleans.
   *
   * @return the elements in row-major order; any byte but 0 is true
   * @throws IllegalArgumentException if the elements are not {@link ElementType#BOOL}
   */
  public boolean[] toBooleans() {
    if (type != ElementType.BOOL) {
      throw new IllegalArgumentException("expected a tensor of bool, but it is " + this);
    }
    boolean[] booleans = new boolean[shape.size()];
    for (int i = 0; i < booleans.length; i++) {
      booleans[i] = elements.getByte(i) != 0;
    }
    return booleans;
  }

  /**
   * Returns the values of a tensor of integers.
   *
   * @return the elements in row-major order
   * @throws IllegalArgumentException if the elements are no integers, or one is larger than 2^63 -
   *     1
   */
  public long[] toLongs() {
    if (!INTEGERS.contains(type)) {
      throw new IllegalArgumentException("expected a tensor of integers, but it is " + this);
    }
    long[] longs = new long[shape.size()];
    for (int i = 0; i < longs.length; i++) {
      longs[i] = longAt(i);
      if (type == ElementType.UINT64 && longs[i] < 0) {
        throw new IllegalArgumentException(
            "element "
                + i
                + " of a tensor "
                + this
                + " is "
                + Long.toUnsignedString(longs[i])
                + ", more than 2^63 - 1");
      }
    }
    return longs;
  }

  private long longAt(int index) {
    return switch (type) {
      case INT8 -> elements.getByte(index);
      case UINT8 -> elements.getByte(index) & 0xFF;
      case INT16 -> elements.getShort(2L * index);
      case UINT16 -> elements.getShort(2L * index) & 0xFFFF;
      case INT32 -> elements.getInt(4L * index);
      case UINT32 -> elements.getInt(4L * index) & 0xFFFF_FFFFL;
      case INT64, UINT64 -> elements.getLong(8L * index);
      case BOOL, FLOAT16, BFLOAT16, FLOAT32, FLOAT64 ->
          throw new AssertionError("no integer type: " + type);
    };
  }

  /** Type and shape, as in {@code float32 [2, 3]}: a tensor's values do not belong in a message. */
  @Override
  public String toString() {
    return type + " " + shape;
  }
}
