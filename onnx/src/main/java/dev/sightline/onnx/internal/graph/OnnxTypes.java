package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto.Dimension;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import org.jspecify.annotations.Nullable;

/** ONNX's numbers for element types, and its declarations of tensors. */
public final class OnnxTypes {
  private OnnxTypes() {}

  /**
   * Returns the element type of a TensorProto.DataType.
   *
   * @return null if it is not one of {@link ElementType}, as for strings and 8-bit floats
   */
  public static @Nullable ElementType elementType(int dataType) {
    for (ElementType type : ElementType.values()) {
      if (dataType(type) == dataType) {
        return type;
      }
    }
    return null;
  }

  /** Returns the TensorProto.DataType of an element type. */
  public static int dataType(ElementType type) {
    return switch (type) {
      case BOOL -> DataType.BOOL_VALUE;
      case INT8 -> DataType.INT8_VALUE;
      case UINT8 -> DataType.UINT8_VALUE;
      case INT16 -> DataType.INT16_VALUE;
      case UINT16 -> DataType.UINT16_VALUE;
      case INT32 -> DataType.INT32_VALUE;
      case UINT32 -> DataType.UINT32_VALUE;
      case INT64 -> DataType.INT64_VALUE;
      case UINT64 -> DataType.UINT64_VALUE;
      case FLOAT16 -> DataType.FLOAT16_VALUE;
      case BFLOAT16 -> DataType.BFLOAT16_VALUE;
      case FLOAT32 -> DataType.FLOAT_VALUE;
      case FLOAT64 -> DataType.DOUBLE_VALUE;
    };
  }

  /** Returns what a graph declares about one of its inputs or outputs. */
  public static TensorSpec spec(ValueInfoProto value) {
    TypeProto.Tensor tensor = value.getType().getTensorType();
    return new TensorSpec(
        value.getName(),
        elementType(tensor.getElemType()),
        tensor.getShape().getDimList().stream().map(OnnxTypes::dim).toList());
  }

  private static String dim(Dimension dim) {
    return switch (dim.getValueCase()) {
      case DIM_VALUE -> Long.toString(dim.getDimValue());
      case DIM_PARAM -> dim.getDimParam().isEmpty() ? "?" : dim.getDimParam();
      case VALUE_NOT_SET -> "?";
    };
  }
}
