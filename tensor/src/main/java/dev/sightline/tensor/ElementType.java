package dev.sightline.tensor;

/** What one element of a tensor in a file is, and how many bytes it takes there. */
public enum ElementType {
  BOOL("bool", 1),
  INT8("int8", 1),
  UINT8("uint8", 1),
  INT16("int16", 2),
  UINT16("uint16", 2),
  INT32("int32", 4),
  UINT32("uint32", 4),
  INT64("int64", 8),
  UINT64("uint64", 8),
  FLOAT16("float16", 2),
  BFLOAT16("bfloat16", 2),
  FLOAT32("float32", 4),
  FLOAT64("float64", 8);

  private final String label;
  private final int bytes;

  ElementType(String label, int bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /** The name that people use: {@code float32}. */
  public String label() {
    return label;
  }

  /** Bytes of one element. */
  public int bytes() {
    return bytes;
  }

  @Override
  public String toString() {
    return label;
  }
}
