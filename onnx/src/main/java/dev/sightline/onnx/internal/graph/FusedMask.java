package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;

/**
 * The mask of an attention that is one node, by itself: a second node beside it gets the same masks
 * and zeros for queries and keys, and is asked for its scores.
 */
final class FusedMask {
  private final Graph graph;
  private final NodeProto node;
  private final GraphBuilder added;

  FusedMask(Graph graph, NodeProto node, int layer) {
    this.graph = graph;
    this.node = node;
    added = GraphBuilder.addition("sightline.mask." + layer + ".");
  }

  MaskPoint point() {
    boolean microsoft = node.getDomain().equals(GraphBuilder.MICROSOFT);
    return switch (node.getOpType()) {
      case "GroupQueryAttention" -> groupQuery();
      case "MultiHeadAttention" -> multiHead();
      default -> microsoft ? withWeights() : standard();
    };
  }

  /**
   * Versions of the runtime differ in whether mode 1 or mode 2 has the mask in it; the other one
   * has zeros, so the lower of both is the mask.
   */
  private MaskPoint standard() {
    List<String> operands = inFloat32(new int[] {0, 1, 4}, new int[] {2, 5});
    if (graph.isGiven(node, 3)) {
      String mask = node.getInput(3);
      boolean bool = graph.elementType(mask) == DataType.BOOL_VALUE;
      operands.set(3, bool ? mask : added.cast(mask, ElementType.FLOAT32));
    }
    String one = twin(operands).with("qk_matmul_output_mode", 1).more();
    String two = twin(operands).with("qk_matmul_output_mode", 2).more();
    String weights = twin(operands).with("qk_matmul_output_mode", 3).more();
    return new MaskPoint(
        Place.of(added.node("Min", one, two)), Place.of(weights), List.of(), added.graph());
  }

  /** Columns after a row's own length are memory that the runtime did not write. */
  private MaskPoint groupQuery() {
    List<String> operands = inFloat32(new int[] {0, 1, 3}, new int[] {2, 4, 7, 8, 10, 11});
    String raw = twin(operands).with("qk_output", 2).more();
    added.declare(raw, ElementType.FLOAT32);
    String keys = added.range(added.size(raw, -1));
    String ends = added.reshape(added.cast(Graph.input(node, 5), ElementType.INT64), -1, 1, 1, 1);
    String unwritten = added.node("Greater", keys, ends);
    String weights = added.node("Where", unwritten, added.scalar(0), raw);
    return new MaskPoint(null, Place.of(weights), List.of(), added.graph());
  }

  private List<String> inFloat32(int[] zeros, int[] others) {
    List<String> operands = new ArrayList<>(node.getInputList());
    for (int operand : zeros) {
      if (graph.isGiven(node, operand)) {
        String input = node.getInput(operand);
        operands.set(operand, MaskPoint.zeros(added, input, DataType.FLOAT_VALUE));
      }
    }
    for (int operand : others) {
      if (graph.isGiven(node, operand)) {
        operands.set(operand, added.cast(node.getInput(operand), ElementType.FLOAT32));
      }
    }
    return operands;
  }

  private MaskPoint multiHead() {
    List<String> operands = new ArrayList<>(node.getInputList());
    for (int operand : new int[] {0, 1, 6}) {
      if (graph.isGiven(node, operand)) {
        String input = node.getInput(operand);
        operands.set(operand, MaskPoint.zeros(added, input, floatType(input)));
      }
    }
    return scoresOf(twin(operands), Graph.input(node, 0));
  }

  private MaskPoint withWeights() {
    List<String> parts = FusedAttention.projectedParts(graph, node, added);
    int type = floatType(Graph.input(node, 0));
    GraphBuilder.Op twin =
        added
            .op(
                "MultiHeadAttention",
                MaskPoint.zeros(added, parts.get(0), type),
                MaskPoint.zeros(added, parts.get(1), type),
                parts.get(2),
                "",
                Graph.input(node, 3),
                Graph.input(node, 5))
            .of(GraphBuilder.MICROSOFT);
    node.getAttributeList().stream()
        .filter(a -> FusedAttention.SHARED_ATTRIBUTES.contains(a.getName()))
        .forEach(twin::with);
    twin.skip().skip();
    return scoresOf(twin, Graph.input(node, 0));
  }

  private MaskPoint scoresOf(GraphBuilder.Op twin, String like) {
    String scores = twin.more();
    ElementType type = OnnxTypes.elementType(floatType(like));
    added.declare(scores, type == null ? ElementType.FLOAT32 : type);
    return new MaskPoint(Place.of(scores), null, List.of(), added.graph());
  }

  private int floatType(String tensor) {
    int type = graph.elementType(tensor);
    ElementType known = OnnxTypes.elementType(type);
    return known != null && known.fitsFloat32() ? type : DataType.FLOAT_VALUE;
  }

  private GraphBuilder.Op twin(List<String> operands) {
    return FusedAttention.twin(node, added, operands);
  }
}
