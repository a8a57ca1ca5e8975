package dev.sightline.tensor;

/** The type of one element of a tensor, with its size in bytes and its rounding step. */
public enum ElementType {
  /** Boolean, one byte: 0 is false. */
  BOOL("bool", 1, 0),
  /** Signed 8-bit integer. */
  INT8("int8", 1, 0),
  /** Unsigned 8-bit integer. */
  UINT8("uint8", 1, 0),
  /** Signed 16-bit integer. */
  INT16("int16", 2, 0),
  /** Unsigned 16-bit integer. */
  UINT16("uint16", 2, 0),
  /** Signed 32-bit integer. */
  INT32("int32", 4, 0),
  /** Unsigned 32-bit integer. */
  UINT32("uint32", 4, 0),
  /** Signed 64-bit integer. */
  INT64("int64", 8, 0),
  /** Unsigned 64-bit integer. */
  UINT64("uint64", 8, 0),
  /** IEEE 754 half precision: 5 exponent bits, 10 fraction bits. */
  FLOAT16("float16", 2, 0x1p-10),
  /** The upper half of a float32: 8 exponent bits, 7 fraction bits. */
  BFLOAT16("bfloat16", 2, 0x1p-7),
  /** IEEE 754 single precision. */
  FLOAT32("float32", 4, 0x1p-23),
  /** IEEE 754 double precision. */
  FLOAT64("float64", 8, 0x1p-52);

  private final String label;
  private final int bytes;
  private final double epsilon;

  ElementType(String label, int bytes, double epsilon) {
    this.label = label;
    this.bytes = bytes;
    this.epsilon = epsilon;
  }

  /**
   * Returns the usual name of the type, such as {@code float32}.
   *
   * @return the name, lower case
   */
  public String label() {
    return label;
  }

  /**
   * Returns the size of one element.
   *
   * @return bytes
   */
  public int bytes() {
    return bytes;
  }

  /**
   * Returns the distance from 1 to the next larger value of a floating-point type.
   *
   * @return a power of two, such as 2^-23 for float32; 0 for integers and booleans
   */
  public double epsilon() {
    return epsilon;
  }

  /**
   * Returns whether the type is float32, float16 or bfloat16. A float32 holds each value of these
   * types exactly.
   *
   * @return false for float64, integers and booleans
   */
  public boolean fitsFloat32() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  @Override
  public String toString() {
    return label;
  }
}
