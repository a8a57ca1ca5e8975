package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;

/**
 * Adds nodes and outputs to a model without taking it apart. Two protobuf messages written one
 * after the other read as one, their lists joined; so a model with taps is the file's own bytes
 * followed by a few hundred more.
 */
final class Taps {
  /** A graph input {@code [B, S]} that the taps add: 1 at padding, 0 at real tokens. */
  static final String PADDING = "sightline.padding";

  private static final String PADDING_COLUMN = "sightline.padding_column";
  private static final String COLUMN_SHAPE = "sightline.padding_column.shape";

  private Taps() {}

  static String paddingMassOf(AttentionSite site) {
    return "sightline.padding_mass." + site.layer();
  }

  static byte[] probabilities(byte[] model, List<AttentionSite> sites) {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (AttentionSite site : sites) {
      graph.addOutput(ValueInfoProto.newBuilder().setName(site.probabilities()));
    }
    return append(model, graph);
  }

  /** Probabilities {@code [B, H, Lq, Lk]} times the padding column {@code [B, 1, Lk, 1]}. */
  static byte[] paddingMass(byte[] model, List<AttentionSite> sites) {
    GraphProto.Builder graph = GraphProto.newBuilder();
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName(PADDING)
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder()
                            .setElemType(TensorProto.DataType.FLOAT_VALUE)
                            .setShape(
                                TensorShapeProto.newBuilder()
                                    .addDim(dim("sightline.batch"))
                                    .addDim(dim("sightline.keys"))))));
    graph.addInitializer(
        TensorProto.newBuilder()
            .setName(COLUMN_SHAPE)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addDims(4)
            .setRawData(ByteString.copyFrom(longs(0, 1, -1, 1))));
    graph.addNode(node("Reshape", PADDING_COLUMN, PADDING, COLUMN_SHAPE));
    for (AttentionSite site : sites) {
      String inFloat32 = paddingMassOf(site) + ".probabilities";
      graph.addNode(
          node("Cast", inFloat32, site.probabilities()).toBuilder()
              .addAttribute(
                  AttributeProto.newBuilder()
                      .setName("to")
                      .setType(AttributeProto.AttributeType.INT)
                      .setI(TensorProto.DataType.FLOAT_VALUE)));
      graph.addNode(node("MatMul", paddingMassOf(site), inFloat32, PADDING_COLUMN));
      graph.addOutput(ValueInfoProto.newBuilder().setName(paddingMassOf(site)));
    }
    return append(model, graph);
  }

  private static byte[] append(byte[] model, GraphProto.Builder graph) {
    byte[] suffix = ModelProto.newBuilder().setGraph(graph).build().toByteArray();
    byte[] whole = Arrays.copyOf(model, Math.addExact(model.length, suffix.length));
    System.arraycopy(suffix, 0, whole, model.length, suffix.length);
    return whole;
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  private static TensorShapeProto.Dimension dim(String name) {
    return TensorShapeProto.Dimension.newBuilder().setDimParam(name).build();
  }

  private static byte[] longs(long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length * Long.BYTES);
    buffer.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    return buffer.array();
  }
}
