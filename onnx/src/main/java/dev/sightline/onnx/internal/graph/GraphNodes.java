package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.List;

/** Pieces of a graph, for adding to one. A node is called as its first output. */
public final class GraphNodes {
  private GraphNodes() {}

  public static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .setName(output)
        .addAllInput(List.of(inputs))
        .addOutput(output)
        .build();
  }

  static NodeProto castToFloat(String output, String input) {
    return with(node("Cast", output, input), integer("to", TensorProto.DataType.FLOAT_VALUE));
  }

  static NodeProto castToLong(String output, String input) {
    return with(node("Cast", output, input), integer("to", TensorProto.DataType.INT64_VALUE));
  }

  public static NodeProto transpose(String output, String input, Collection<Integer> order) {
    AttributeProto.Builder perm =
        AttributeProto.newBuilder().setName("perm").setType(AttributeProto.AttributeType.INTS);
    order.forEach(perm::addInts);
    return with(node("Transpose", output, input), perm.build());
  }

  public static NodeProto with(NodeProto node, AttributeProto attribute) {
    NodeProto.Builder changed = node.toBuilder().clearAttribute();
    node.getAttributeList().stream()
        .filter(a -> !a.getName().equals(attribute.getName()))
        .forEach(changed::addAttribute);
    return changed.addAttribute(attribute).build();
  }

  public static AttributeProto integer(String name, long value) {
    return AttributeProto.newBuilder()
        .setName(name)
        .setType(AttributeProto.AttributeType.INT)
        .setI(value)
        .build();
  }

  public static AttributeProto integers(String name, long... values) {
    AttributeProto.Builder list =
        AttributeProto.newBuilder().setName(name).setType(AttributeProto.AttributeType.INTS);
    for (long value : values) {
      list.addInts(value);
    }
    return list.build();
  }

  /** An input of the graph whose axes may have any length. */
  public static ValueInfoProto input(String name, int type, int rank) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int axis = 0; axis < rank; axis++) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam(name + ".axis." + axis));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  /** A vector of whole numbers. */
  public static TensorProto longs(String name, long... values) {
    return longs(name, true, values);
  }

  public static TensorProto scalar(String name, long value) {
    return longs(name, false, value);
  }

  private static TensorProto longs(String name, boolean vector, long... values) {
    ByteBuffer buffer = ByteBuffer.allocate(values.length * Long.BYTES);
    buffer.order(ByteOrder.LITTLE_ENDIAN).asLongBuffer().put(values);
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(name)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .setRawData(ByteString.copyFrom(buffer));
    return vector ? tensor.addDims(values.length).build() : tensor.build();
  }

  public static TensorProto scalar(String name, float value) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT_VALUE)
        .addFloatData(value)
        .build();
  }

  /** The declaration of a float32 tensor of any shape. */
  static ValueInfoProto floatTensor(String name) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(
                    TypeProto.Tensor.newBuilder().setElemType(TensorProto.DataType.FLOAT_VALUE)))
        .build();
  }
}
