package dev.sightline.bench.comparison;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;

/** An ONNX model of one attention node. */
final class OneNodeModel {
  static final String QUERY = "query";
  static final String KEY = "key";
  static final String VALUE = "value";
  static final String MASK = "mask";
  static final String OUTPUT = "output";

  private static final String MICROSOFT = "com.microsoft";

  private OneNodeModel() {}

  /** The ONNX operator: {@code [B, H, L, D]}, and a boolean mask {@code [Lq, Lk]} if asked for. */
  static byte[] attention(boolean causal, boolean masked) {
    NodeProto.Builder node = node("Attention").addAttribute(integer("is_causal", causal ? 1 : 0));
    GraphProto.Builder graph = graph(4);
    if (masked) {
      node.addInput(MASK);
      graph.addInput(tensor(MASK, DataType.BOOL, 2));
    }
    return model(graph.addNode(node));
  }

  /** ONNX Runtime's own operator: {@code [B, L, H * D]}. */
  static byte[] multiHeadAttention(int heads, boolean causal) {
    return model(
        graph(3)
            .addNode(
                node("MultiHeadAttention")
                    .setDomain(MICROSOFT)
                    .addAttribute(integer("num_heads", heads))
                    .addAttribute(integer("unidirectional", causal ? 1 : 0))));
  }

  private static NodeProto.Builder node(String operator) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addInput(QUERY)
        .addInput(KEY)
        .addInput(VALUE)
        .addOutput(OUTPUT);
  }

  private static GraphProto.Builder graph(int rank) {
    return GraphProto.newBuilder()
        .setName("attention")
        .addInput(tensor(QUERY, DataType.FLOAT, rank))
        .addInput(tensor(KEY, DataType.FLOAT, rank))
        .addInput(tensor(VALUE, DataType.FLOAT, rank))
        .addOutput(tensor(OUTPUT, DataType.FLOAT, rank));
  }

  private static byte[] model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .setIrVersion(10)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(23))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  private static ValueInfoProto tensor(String name, DataType type, int rank) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < rank; i++) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(name + i));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(type.getNumber()).setShape(shape)))
        .build();
  }
}
