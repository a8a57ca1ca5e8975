package dev.sightline.mask.convert;

import dev.sightline.mask.Alignment;
import dev.sightline.mask.Mask;

/**
 * Windows from the numbers of other systems. "A window of 3" means 3, 4, 5 or 7 keys, depending on
 * the system; ours counts inclusive distances and always contains the token itself.
 */
public final class Windows {
  private Windows() {}

  /**
   * {@return the mask of Hugging Face's causal {@code sliding_window}: n keys with the token
   * itself, n - 1 to the left}
   *
   * @param n the number in the other system, at least 1
   */
  public static Mask huggingFaceCausal(int n) {
    return Mask.window(positive("sliding_window", n) - 1, 0);
  }

  /**
   * {@return the mask of Hugging Face's legacy converter (AttentionMaskConverter): n keys to the
   * left and the token}
   *
   * @param n the number in the other system, at least 1
   */
  public static Mask huggingFaceLegacy(int n) {
    return Mask.window(positive("sliding_window", n), 0);
  }

  /**
   * {@return the mask of Hugging Face's helper for bidirectional sliding windows: n keys to either
   * side; what a model's configuration calls its window is {@link #halfToEitherSide}}
   *
   * @param n the number in the other system, at least 1
   */
  public static Mask huggingFaceBidirectional(int n) {
    return Mask.window(positive("sliding_window", n), positive("sliding_window", n));
  }

  /**
   * {@return the mask of ModernBERT's {@code local_attention} and of EmbeddingGemma's {@code
   * sliding_window}: half of n keys to either side, rounded down}
   *
   * @param n the number in the model's configuration, at least 1
   */
  public static Mask halfToEitherSide(int n) {
    int half = positive("local_attention", n) / 2;
    return Mask.window(half, half);
  }

  /**
   * {@return the mask of Keras's {@code sliding_window}: n - 1 keys to either side; combine it with
   * causal for causal}
   *
   * @param n the number in the other system, at least 1
   */
  public static Mask keras(int n) {
    return Mask.window(positive("sliding_window", n) - 1, n - 1);
  }

  /**
   * {@return the mask of attention-gym's {@code generate_sliding_window}: n keys to the left and
   * the token itself}
   *
   * @param n the number in the other system, at least 1
   */
  public static Mask attentionGym(int n) {
    return Mask.window(positive("window_size", n), 0);
  }

  /**
   * {@return the mask of flash-attn's {@code window_size=(left, right)}, bottom-right as from 2.1
   * on; -1 for no limit}
   *
   * @param left distance to the left, or -1 for no limit
   * @param right distance to the right, or -1 for no limit
   */
  public static Mask flashAttention(int left, int right) {
    return Mask.window(open(left), open(right), Alignment.bottomRight());
  }

  /**
   * {@return the mask of ONNX Attention's left_window_size and right_window_size of opset 25,
   * without a past; -1 for no limit}
   *
   * @param left distance to the left, or -1 for no limit
   * @param right distance to the right, or -1 for no limit
   */
  public static Mask onnx(int left, int right) {
    return onnx(left, right, Alignment.topLeft());
  }

  static Mask onnx(int left, int right, Alignment alignment) {
    return Mask.window(open(left), open(right), alignment);
  }

  /**
   * {@return the mask of JAX's {@code local_window_size=(left, right)}}
   *
   * @param left distance to the left, at least 0
   * @param right distance to the right, at least 0
   */
  public static Mask jax(int left, int right) {
    return Mask.window(left, right, Alignment.topLeft());
  }

  private static int open(int distance) {
    if (distance < -1) {
      throw new IllegalArgumentException(
          "a distance must be at least 0, or -1 for no limit, but is " + distance);
    }
    return distance == -1 ? Mask.UNBOUNDED : distance;
  }

  private static int positive(String what, int n) {
    if (n < 1) {
      throw new IllegalArgumentException(what + " must be at least 1, but is " + n);
    }
    return n;
  }
}
