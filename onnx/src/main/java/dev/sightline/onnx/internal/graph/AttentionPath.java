package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.List;

/**
 * The nodes of an attention: the Softmax with what is between it and its two products, or the one
 * operator that is all of it.
 *
 * @param node the Softmax, the quotient that ends a Softmax in parts, or the fused operator
 * @param query the operand of the score product that has the rows of the scores; empty if fused
 * @param product the tensor of the score product; empty if fused
 * @param up the nodes from the product to the Softmax, in order; empty if fused
 * @param scores the tensor that is normalised; empty if fused
 * @param probabilities what the Softmax gives; empty if fused
 * @param down the nodes from the Softmax to the weights of the values, in order; empty if fused
 * @param order what brings the axes of the scores in the order {@code [B, ..., Lq, Lk]}; empty if
 *     they are
 */
public record AttentionPath(
    NodeProto node,
    String query,
    String product,
    List<NodeProto> up,
    String scores,
    String probabilities,
    List<NodeProto> down,
    List<Integer> order) {
  public AttentionPath {
    up = List.copyOf(up);
    down = List.copyOf(down);
    order = List.copyOf(order);
  }

  static AttentionPath fused(NodeProto node) {
    return new AttentionPath(node, "", "", List.of(), "", "", List.of(), List.of());
  }

  boolean isFused() {
    return scores.isEmpty();
  }
}
