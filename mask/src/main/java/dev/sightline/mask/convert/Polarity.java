package dev.sightline.mask.convert;

/** What {@code true} means in a boolean mask. Systems disagree, so it is always said. */
public enum Polarity {
  /** true = may attend: torch's scaled_dot_product_attention, ONNX, JAX, Keras, MLX. */
  TRUE_ATTENDS,
  /**
   * true = ignore: torch's nn.MultiheadAttention (attn_mask and key_padding_mask), and the
   * reference in flash-attn's tests.
   */
  TRUE_IGNORES
}
