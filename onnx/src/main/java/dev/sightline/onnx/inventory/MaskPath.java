package dev.sightline.onnx.inventory;

import java.util.List;

/**
 * How one of the model's mask inputs reaches an attention.
 *
 * @param input the mask input's name
 * @param route whether its values arrive, or its shape alone
 * @param operands where its values enter: operator and operand tensor, nearest the Softmax first
 */
public record MaskPath(String input, AttentionSite.MaskRoute route, List<String> operands) {
  public MaskPath {
    operands = List.copyOf(operands);
  }
}
