package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sightline.onnx.internal.graph.AttentionEdit.Refusal;
import dev.sightline.tensor.ElementType;
import java.util.Optional;
import java.util.OptionalDouble;

/** Replaces the mask of an attention that is one node, by its own operand. */
final class FusedMaskEdit {
  private final Graph graph;
  private final GraphEdit edit;
  private final MaskRemoval removal;
  private int next;

  FusedMaskEdit(Graph graph, GraphEdit edit, MaskRemoval removal) {
    this.graph = graph;
    this.edit = edit;
    this.removal = removal;
  }

  Optional<Refusal> put(AttentionPath path, String allowed, OptionalDouble fill) {
    NodeProto node = path.node();
    boolean microsoft = node.getDomain().equals(GraphBuilder.MICROSOFT);
    return switch (microsoft ? node.getOpType() : "") {
      case "" -> standard(node, allowed, fill);
      case "MultiHeadAttention" -> additive(node, 5, 4, allowed, fill);
      case "Attention" -> additive(node, 5, 3, allowed, fill);
      case "GroupQueryAttention" -> groupQuery(node, allowed, fill);
      default ->
          Optional.of(
              new Refusal(
                  Graph.label(node), "a " + node.getOpType() + " has no operand for such a mask"));
    };
  }

  /** A bool mask where there is no bias; forbidden keys get the lowest score from the runtime. */
  private Optional<Refusal> standard(NodeProto node, String allowed, OptionalDouble fill) {
    String given = Graph.input(node, 3);
    boolean hasBias =
        !given.isEmpty()
            && graph.elementType(given) != DataType.BOOL_VALUE
            && removal.withoutMask(given).isPresent();
    GraphEdit.Node changed = edit.producer(output(node));
    if (hasBias || fill.isPresent()) {
      edit.setInput(changed, 3, biased(node, given, allowed, fill, -2));
    } else {
      GraphBuilder added = builder();
      String mask = full(added, node, allowed, -2);
      edit.add(added.graph());
      edit.setInput(changed, 3, mask);
    }
    if (graph.isGiven(node, 6)) {
      edit.setInput(changed, 6, "");
    }
    edit.setAttribute(changed, "is_causal", 0);
    return Optional.empty();
  }

  /** An additive mask and bias in one operand, none in another. */
  private Optional<Refusal> additive(
      NodeProto node, int bias, int mask, String allowed, OptionalDouble fill) {
    GraphEdit.Node changed = edit.producer(output(node));
    edit.setInput(changed, bias, biased(node, Graph.input(node, bias), allowed, fill, 1));
    if (graph.isGiven(node, mask)) {
      edit.setInput(changed, mask, "");
    }
    edit.setAttribute(changed, "unidirectional", 0);
    return Optional.empty();
  }

  /**
   * Its lengths count keys from the first on, so that they hide the last tokens of a row padded on
   * the left: all rows become as long as the longest, and the mask alone says which keys count.
   */
  private Optional<Refusal> groupQuery(NodeProto node, String allowed, OptionalDouble fill) {
    GraphEdit.Node changed = edit.producer(output(node));
    edit.setInput(changed, 10, biased(node, Graph.input(node, 10), allowed, fill, 1));
    GraphBuilder added = builder();
    String lengths = Graph.input(node, 5);
    String last =
        added.node("Sub", added.cast(Graph.input(node, 6), ElementType.INT64), added.longScalar(1));
    String all = added.node("Expand", last, added.node("Shape", lengths));
    String rows = added.cast(all, ElementType.INT32);
    edit.add(added.graph());
    edit.setInput(changed, 5, rows);
    edit.setAttribute(changed, "local_window_size", -1);
    return Optional.empty();
  }

  /** What is added to the scores: the bias of the file without its mask, and the fill. */
  private String biased(
      NodeProto node, String given, String allowed, OptionalDouble fill, int queryAxis) {
    int type = graph.elementType(Graph.input(node, 0));
    Optional<String> bias = given.isEmpty() ? Optional.empty() : removal.withoutMask(given);
    GraphBuilder added = builder();
    // Half of the lowest value: with a score or a bias on top it must not overflow, which would
    // make a row without any allowed key NaN.
    double low = fill.orElse(MaskRemoval.lowest(type) / 2);
    String zero = MaskRemoval.number(added, type, 0);
    String forbidden = MaskRemoval.number(added, type, low);
    String mask =
        added.node("Where", full(added, node, allowed, queryAxis), bias.orElse(zero), forbidden);
    edit.add(added.graph());
    return mask;
  }

  /** The mask with a row for each query, {@code [B or 1, H or 1, Lq, Lk]}. */
  private static String full(GraphBuilder added, NodeProto node, String allowed, int queryAxis) {
    String shape = added.node("Shape", Graph.input(node, 0));
    String queries = added.node("Gather", shape, added.longs(queryAxis));
    String one = added.longs(1);
    return added.node("Expand", allowed, added.concat(0, one, one, queries, one));
  }

  private static String output(NodeProto node) {
    return node.getOutput(0);
  }

  private GraphBuilder builder() {
    return edit.builder("fused." + next++);
  }
}
