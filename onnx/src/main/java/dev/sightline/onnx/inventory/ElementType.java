package dev.sightline.onnx.inventory;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;

/** The element types that token batches are fed in and outputs are read from, and all others. */
public enum ElementType {
  FLOAT32(DataType.FLOAT_VALUE, "float32"),
  FLOAT16(DataType.FLOAT16_VALUE, "float16"),
  BFLOAT16(DataType.BFLOAT16_VALUE, "bfloat16"),
  INT64(DataType.INT64_VALUE, "int64"),
  INT32(DataType.INT32_VALUE, "int32"),
  BOOL(DataType.BOOL_VALUE, "bool"),
  OTHER(-1, "other");

  private final int onnx;
  private final String label;

  ElementType(int onnx, String label) {
    this.onnx = onnx;
    this.label = label;
  }

  public static ElementType ofOnnx(int dataType) {
    for (ElementType type : values()) {
      if (type.onnx == dataType && type != OTHER) {
        return type;
      }
    }
    return OTHER;
  }

  /** The name that people use: {@code float32}. */
  public String label() {
    return label;
  }

  /** Whether the type is a floating-point one whose values can be read as float32 without loss. */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT16 || this == BFLOAT16;
  }

  /**
   * The distance from 1 to the next larger value of the type: 2^-23, 2^-10, 2^-7; 0 for types that
   * do not round.
   */
  public double epsilon() {
    return switch (this) {
      case FLOAT32 -> 0x1p-23;
      case FLOAT16 -> 0x1p-10;
      case BFLOAT16 -> 0x1p-7;
      case INT64, INT32, BOOL, OTHER -> 0;
    };
  }

  @Override
  public String toString() {
    return label;
  }
}
