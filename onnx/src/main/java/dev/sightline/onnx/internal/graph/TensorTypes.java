package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The element types of a graph's tensors, which a file need not declare: most operators have that
 * of their first operand, and the others say it.
 */
final class TensorTypes {
  /** Operators whose outputs are always booleans. */
  static final Set<String> BOOLEAN =
      Set.of(
          "Equal",
          "Greater",
          "GreaterOrEqual",
          "Less",
          "LessOrEqual",
          "And",
          "Or",
          "Xor",
          "Not",
          "IsNaN",
          "IsInf");

  /** A longer chain of operators than this is a cycle. */
  private static final int LONGEST_CHAIN = 100_000;

  private final Map<String, Integer> declared = new HashMap<>();

  TensorTypes(GraphProto graph) {
    graph
        .getValueInfoList()
        .forEach(t -> put(t.getName(), t.getType().getTensorType().getElemType()));
    graph.getOutputList().forEach(t -> put(t.getName(), t.getType().getTensorType().getElemType()));
    graph.getInputList().forEach(t -> put(t.getName(), t.getType().getTensorType().getElemType()));
    graph.getInitializerList().forEach(t -> put(t.getName(), t.getDataType()));
  }

  private void put(String tensor, int type) {
    if (type != 0) {
      declared.put(tensor, type);
    }
  }

  /** Returns the TensorProto.DataType of a tensor; float32 where nothing says it. */
  int of(Graph graph, String tensor) {
    String at = tensor;
    for (int step = 0; step < LONGEST_CHAIN; step++) {
      Integer known = declared.get(at);
      if (known != null) {
        return known;
      }
      NodeProto node = graph.producer(at);
      if (node == null) {
        return DataType.FLOAT_VALUE;
      }
      int own = typeOf(node, node.getOutputList().indexOf(at));
      if (own != 0) {
        return own;
      }
      at = Graph.input(node, likeOperand(node));
    }
    return DataType.FLOAT_VALUE;
  }

  /** The type that an operator always has; 0 if it has that of an operand. */
  private static int typeOf(NodeProto node, int output) {
    return switch (node.getOpType()) {
      case "Shape", "Size", "ArgMax", "ArgMin", "NonZero" -> DataType.INT64_VALUE;
      case "MatMulInteger", "ConvInteger" -> DataType.INT32_VALUE;
      case "DynamicQuantizeLinear" -> output == 1 ? DataType.FLOAT_VALUE : DataType.UINT8_VALUE;
      case "Cast" -> (int) Graph.integer(node, "to", DataType.FLOAT_VALUE);
      case "Constant", "ConstantOfShape" -> {
        for (AttributeProto attribute : node.getAttributeList()) {
          if (attribute.hasT()) {
            yield attribute.getT().getDataType();
          }
        }
        yield DataType.FLOAT_VALUE;
      }
      default -> BOOLEAN.contains(node.getOpType()) ? DataType.BOOL_VALUE : 0;
    };
  }

  private static int likeOperand(NodeProto node) {
    return switch (node.getOpType()) {
      case "Where", "DequantizeLinear", "CastLike" -> 1;
      case "QuantizeLinear",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "EmbedLayerNormalization" ->
          2;
      case "QAttention", "QEmbedLayerNormalization" -> 3;
      case "QLinearMatMul", "QGemm" -> 7;
      default -> 0;
    };
  }

  /** A single zero of a type, as ConstantOfShape takes it. */
  static TensorProto zero(int type) {
    TensorProto.Builder zero = TensorProto.newBuilder().setDataType(type).addDims(1);
    int bytes =
        switch (type) {
          case DataType.INT8_VALUE, DataType.UINT8_VALUE, DataType.BOOL_VALUE -> 1;
          case DataType.FLOAT16_VALUE, DataType.BFLOAT16_VALUE -> 2;
          case DataType.DOUBLE_VALUE, DataType.INT64_VALUE -> 8;
          default -> 4;
        };
    return zero.setRawData(com.google.protobuf.ByteString.copyFrom(new byte[bytes])).build();
  }
}
