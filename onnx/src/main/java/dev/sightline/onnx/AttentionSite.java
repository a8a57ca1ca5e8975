package dev.sightline.onnx;

import java.util.List;

/**
 * One attention of a model, found by the role of its nodes: a Softmax over the last axis that
 * stands between a product of two activations (the scores, query x key) and another (probabilities
 * x value).
 *
 * @param layer its place in order of execution, counted from 0; one number per attention
 * @param softmax the Softmax node's name, a label for people
 * @param probabilities the tensor of attention probabilities, usually {@code [B, H, Lq, Lk]}
 * @param scores the name of the score product
 * @param values the name of the product with the values
 * @param maskRoute how the model's mask input reaches this attention
 * @param maskOperands where the mask enters: operator and operand tensor, nearest the Softmax first
 */
public record AttentionSite(
    int layer,
    String softmax,
    String probabilities,
    String scores,
    String values,
    MaskRoute maskRoute,
    List<String> maskOperands) {
  public AttentionSite {
    maskOperands = List.copyOf(maskOperands);
  }

  /** The output that {@link OnnxModel#openWithPaddingMass} adds for this attention. */
  public String paddingMass() {
    return Taps.paddingMassOf(this);
  }

  /** How the model's mask input reaches an attention. */
  public enum MaskRoute {
    /** Its values enter the scores or the probabilities. */
    VALUE,
    /** Only its shape is used, so whatever the mask says is ignored. */
    SHAPE_ONLY,
    /** No path at all. */
    NONE
  }
}
