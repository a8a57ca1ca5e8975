package dev.sightline.attention.onnx;

import org.jspecify.annotations.Nullable;

/**
 * The attributes of an ONNX Attention node, opset 23 to 25.
 *
 * @param isCausal is_causal
 * @param scale scale; null for {@code 1 / sqrt(D)}
 * @param softcap softcap; 0 for none
 * @param queryHeads q_num_heads; 0 if it is not set, which tensors of three axes do not allow
 * @param keyHeads kv_num_heads; 0 if it is not set
 * @param qkMatmulOutputMode qk_matmul_output_mode, the content of the output qk_matmul_output: 0
 *     scaled products, 1 scores after softcap, 2 scores with bias and mask, 3 probabilities
 * @param softmaxPrecision softmax_precision, ONNX's number of a type; 0 if it is not set. The
 *     softmax is computed in float32 in any case
 * @param leftWindow left_window_size of opset 25; -1 for no limit
 * @param rightWindow right_window_size of opset 25; -1 for no limit
 */
public record AttentionAttributes(
    boolean isCausal,
    @Nullable Float scale,
    float softcap,
    int queryHeads,
    int keyHeads,
    int qkMatmulOutputMode,
    int softmaxPrecision,
    int leftWindow,
    int rightWindow) {
  private static final AttentionAttributes DEFAULTS =
      new AttentionAttributes(false, null, 0, 0, 0, 0, 0, -1, -1);

  /**
   * Checks the attributes.
   *
   * @throws IllegalArgumentException if one is out of the range that the operator defines
   */
  public AttentionAttributes {
    if (scale != null && !Float.isFinite(scale)) {
      throw new IllegalArgumentException("scale must be finite, but is " + scale);
    }
    if (!(softcap >= 0) || softcap == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("softcap must be 0 or positive, but is " + softcap);
    }
    if (queryHeads < 0 || keyHeads < 0) {
      throw new IllegalArgumentException(
          "q_num_heads and kv_num_heads must be at least 1, but are "
              + queryHeads
              + " and "
              + keyHeads);
    }
    if (qkMatmulOutputMode < 0 || qkMatmulOutputMode > 3) {
      throw new IllegalArgumentException(
          "qk_matmul_output_mode must be 0, 1, 2 or 3, but is " + qkMatmulOutputMode);
    }
    switch (softmaxPrecision) {
      case 0, 1, 10, 11, 16 -> {}
      default ->
          throw new IllegalArgumentException(
              "softmax_precision must be 1 (float), 10 (float16), 11 (double) or 16 (bfloat16),"
                  + " but is "
                  + softmaxPrecision);
    }
    if (leftWindow < -1 || rightWindow < -1) {
      throw new IllegalArgumentException(
          "left_window_size and right_window_size must be at least 0, or -1 for no limit, but are "
              + leftWindow
              + " and "
              + rightWindow);
    }
  }

  /** {@return the attributes of a node that sets none} */
  public static AttentionAttributes defaults() {
    return DEFAULTS;
  }
}
