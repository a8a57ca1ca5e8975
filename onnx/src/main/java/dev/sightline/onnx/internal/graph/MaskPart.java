package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * The part of a model that its masks are made of. A mask needs the shapes of the scores, and scores
 * need all layers before them, but not what these compute: a product with weights of which only the
 * shape is needed becomes zeros of that shape. That leaves out almost all the work of a forward
 * pass, and all the weights.
 */
public final class MaskPart {
  /** Before it, Slice takes its bounds as attributes. */
  private static final int OPSET_OF_SLICE = 10;

  private final Graph graph;
  private final NeededTensors needed;

  private MaskPart(Graph graph, NeededTensors needed) {
    this.graph = graph;
    this.needed = needed;
  }

  /**
   * Returns the part.
   *
   * @param model with the nodes that compute the masks
   * @param masks the outputs that are asked for
   * @return a model of these outputs, and of those whose shape they follow from
   */
  public static ModelProto of(ModelProto model, Collection<String> masks) {
    Graph graph = new Graph(model.getGraph());
    return new MaskPart(graph, new NeededTensors(graph, masks)).of(model);
  }

  private ModelProto of(ModelProto model) {
    boolean hasSlice = ProtoFile.opset(model, "") >= OPSET_OF_SLICE;
    ModelProto.Builder part = model.toBuilder();
    GraphProto.Builder nodes = part.getGraphBuilder();
    nodes.clearNode().clearOutput().clearValueInfo();
    for (NodeProto node : model.getGraph().getNodeList()) {
      if (node.getOutputList().stream().noneMatch(needed::isUsed)) {
        continue;
      }
      OptionalLong columns = hasSlice ? columnsOfZeros(node) : OptionalLong.empty();
      if (columns.isPresent()) {
        nodes.mergeFrom(zeros(node, columns.getAsLong()));
      } else {
        nodes.addNode(node);
      }
    }
    for (ValueInfoProto output : model.getGraph().getOutputList()) {
      if (needed.isUsed(output.getName())) {
        nodes.addOutput(output);
      }
    }
    for (ValueInfoProto value : model.getGraph().getValueInfoList()) {
      if (needed.isUsed(value.getName())) {
        nodes.addValueInfo(value);
      }
    }
    return part.build();
  }

  /** Zeros in the place of a product. */
  private GraphProto zeros(NodeProto product, long columns) {
    String name = product.getOutput(0);
    GraphBuilder added = GraphBuilder.addition("sightline.shape." + name + ".");
    String rows = added.slice(added.node("Shape", Graph.input(product, 0)), 0, 0, -1);
    AttributeProto zero =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(TensorTypes.zero(graph.elementType(name)))
            .build();
    added.op("ConstantOfShape", added.concat(0, rows, added.longs(columns))).with(zero).named(name);
    return added.graph();
  }

  /** The last axis of a product that can be zeros; empty if it must be computed. */
  private OptionalLong columnsOfZeros(NodeProto node) {
    boolean isFree =
        node.getOutputCount() == 1
            && !needed.isNeeded(node.getOutput(0))
            && graph.isProjection(node)
            && graph.isActivation(Graph.input(node, 0));
    return isFree ? columns(node) : OptionalLong.empty();
  }

  /** The last axis of a product with weights {@code [K, N]}; empty if it is not known. */
  private OptionalLong columns(NodeProto node) {
    return switch (node.getOpType()) {
      case "MatMul", "MatMulInteger", "QLinearMatMul" ->
          length(Graph.input(node, Graph.rightOperand(node)), 1);
      case "Gemm" ->
          Graph.integer(node, "transA", 0) != 0
              ? OptionalLong.empty()
              : length(Graph.input(node, 1), Graph.integer(node, "transB", 0) == 0 ? 1 : 0);
      default -> OptionalLong.empty();
    };
  }

  /** An axis of a weight of two axes, which may be stored as the input of some nodes. */
  private OptionalLong length(String weight, int axis) {
    TensorProto constant = graph.constant(weight);
    if (constant != null) {
      return constant.getDimsCount() == 2
          ? OptionalLong.of(constant.getDims(axis))
          : OptionalLong.empty();
    }
    NodeProto node = graph.producer(weight);
    if (node == null) {
      return OptionalLong.empty();
    }
    TensorProto stored = graph.constant(Graph.input(node, 0));
    if (stored == null || stored.getDimsCount() != 2) {
      return OptionalLong.empty();
    }
    return switch (node.getOpType()) {
      case "Transpose" ->
          List.of(0L, 1L).equals(Graph.integers(node, "perm"))
              ? OptionalLong.of(stored.getDims(axis))
              : OptionalLong.of(stored.getDims(1 - axis));
      case "Cast", "DequantizeLinear", "Identity" -> OptionalLong.of(stored.getDims(axis));
      default -> OptionalLong.empty();
    };
  }
}
