package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.TensorBytes;
import java.util.Map;
import java.util.function.DoublePredicate;
import org.jspecify.annotations.Nullable;

/** The values of a graph's constants, as far as they are in the file or in memory. */
final class ConstantValues {
  private final Graph graph;
  private final Map<String, Weight> weights;

  ConstantValues(Graph graph, Map<String, Weight> weights) {
    this.graph = graph;
    this.weights = weights;
  }

  /** Whether a tensor is a constant, its values known or not. */
  boolean isConstant(String tensor) {
    NodeProto producer = graph.producer(tensor);
    return graph.constant(tensor) != null
        || (producer != null && producer.getOpType().equals("Constant"));
  }

  /**
   * Whether all values of a constant fulfil a condition. It is asked for each until one does not.
   *
   * @return false as well if the tensor is no constant, or its values are in another file
   */
  boolean all(String tensor, DoublePredicate condition) {
    Weight weight = weights.get(tensor);
    TensorProto constant = graph.constant(tensor);
    if (weight != null) {
      return all(TensorBytes.of(weight.values()), weight.type(), condition);
    }
    if (constant == null) {
      return allOfAttribute(graph.producer(tensor), condition);
    }
    ElementType type = OnnxTypes.elementType(constant.getDataType());
    if (type == null || constant.getDataLocation() == DataLocation.EXTERNAL) {
      return false;
    }
    if (!constant.getRawData().isEmpty()) {
      return all(TensorBytes.of(constant.getRawData().asReadOnlyByteBuffer()), type, condition);
    }
    return switch (constant.getDataType()) {
      case DataType.FLOAT_VALUE ->
          constant.getFloatDataList().stream().allMatch(v -> condition.test(v));
      case DataType.DOUBLE_VALUE ->
          constant.getDoubleDataList().stream().allMatch(v -> condition.test(v));
      case DataType.INT64_VALUE ->
          constant.getInt64DataList().stream().allMatch(v -> condition.test((double) v));
      case DataType.FLOAT16_VALUE ->
          constant.getInt32DataList().stream()
              .allMatch(v -> condition.test(Float.float16ToFloat(v.shortValue())));
      case DataType.BFLOAT16_VALUE ->
          constant.getInt32DataList().stream()
              .allMatch(v -> condition.test(Float.intBitsToFloat(v << 16)));
      default -> constant.getInt32DataList().stream().allMatch(v -> condition.test(v));
    };
  }

  /** Of a Constant whose value is a number or a list of numbers, not a tensor. */
  private static boolean allOfAttribute(@Nullable NodeProto node, DoublePredicate condition) {
    if (node == null || !node.getOpType().equals("Constant") || node.getAttributeCount() == 0) {
      return false;
    }
    AttributeProto value = node.getAttribute(0);
    return switch (value.getName()) {
      case "value_float" -> condition.test(value.getF());
      case "value_int" -> condition.test((double) value.getI());
      case "value_floats" -> value.getFloatsList().stream().allMatch(v -> condition.test(v));
      case "value_ints" -> value.getIntsList().stream().allMatch(v -> condition.test((double) v));
      default -> false;
    };
  }

  private static boolean all(TensorBytes values, ElementType type, DoublePredicate condition) {
    for (long at = 0; at + type.bytes() <= values.size(); at += type.bytes()) {
      if (!condition.test(value(values, type, at))) {
        return false;
      }
    }
    return true;
  }

  private static double value(TensorBytes values, ElementType type, long at) {
    return switch (type) {
      case BOOL, INT8 -> values.getByte(at);
      case UINT8 -> Byte.toUnsignedInt(values.getByte(at));
      case INT16 -> values.getShort(at);
      case UINT16 -> Short.toUnsignedInt(values.getShort(at));
      case INT32 -> values.getInt(at);
      case UINT32 -> Integer.toUnsignedLong(values.getInt(at));
      case INT64, UINT64 -> (double) values.getLong(at);
      case FLOAT16 -> Float.float16ToFloat(values.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(values.getShort(at) << 16);
      case FLOAT32 -> values.getFloat(at);
      case FLOAT64 -> values.getDouble(at);
    };
  }
}
