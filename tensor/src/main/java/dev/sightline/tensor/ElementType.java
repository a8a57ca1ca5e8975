package dev.sightline.tensor;

/** The type of one element of a tensor, with its size in bytes and its rounding step. */
public enum ElementType {
  BOOL("bool", 1, 0),
  INT8("int8", 1, 0),
  UINT8("uint8", 1, 0),
  INT16("int16", 2, 0),
  UINT16("uint16", 2, 0),
  INT32("int32", 4, 0),
  UINT32("uint32", 4, 0),
  INT64("int64", 8, 0),
  UINT64("uint64", 8, 0),
  FLOAT16("float16", 2, 0x1p-10),
  BFLOAT16("bfloat16", 2, 0x1p-7),
  FLOAT32("float32", 4, 0x1p-23),
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
