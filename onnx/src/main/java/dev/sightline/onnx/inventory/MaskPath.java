package dev.sightline.onnx.inventory;

import java.util.List;

/**
 * How one of the model's mask inputs reaches an attention.
 *
 * @param input the mask input's name
 * @param route whether its values or only its shape reach the attention
 * @param operands where its values enter: operator and operand tensor, nearest the Softmax first
 */
public record MaskPath(String input, AttentionSite.MaskRoute route, List<String> operands) {
  /** Copies the operands. */
  public MaskPath {
    operands = List.copyOf(operands);
  }
}
