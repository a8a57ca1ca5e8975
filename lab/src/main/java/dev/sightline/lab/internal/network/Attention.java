package dev.sightline.lab.internal.network;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Multi-head attention with its four projections.
 *
 * @param product computes what is between them
 */
public record Attention(
    Linear query, Linear key, Linear value, Linear output, int heads, ScaledDotProduct product) {
  /** {@return an attention between tokens of {@code width}} */
  public static Attention of(
      Parameters parameters, String name, int width, int heads, ScaledDotProduct product) {
    return new Attention(
        parameters.linear(name + ".query", width, width),
        parameters.linear(name + ".key", width, width),
        parameters.linear(name + ".value", width, width),
        parameters.linear(name + ".output", width, width),
        heads,
        product);
  }

  /**
   * {@return {@code [B, Lq, width]}}
   *
   * @param x {@code [B, Lq, width]}
   * @param context {@code [B, Lk, width]}
   * @param mask bool, {@code [B or 1, 1, Lq or 1, Lk]}, true where a query may attend to a key
   */
  public Tensor of(Tensor x, Tensor context, Tensor mask) {
    return output.of(
        joined(
            product.of(
                split(query.of(x)), split(key.of(context)), split(value.of(context)), mask)));
  }

  /** {@return the probabilities {@code [B, H, Lq, Lk]} of an attention as {@link #of} runs it} */
  public Tensor probabilities(Tensor x, Tensor context, Tensor mask) {
    Tensor q = split(query.of(x));
    Tensor scores = q.matmul(split(key.of(context)).transpose(2, 3));
    Tensor scaled = scores.mul(new Scalar(1 / Math.sqrt((double) q.size(3))));
    Tensor forbidden = mask.logical_not();
    return torch.softmax(scaled.masked_fill(forbidden, new Scalar(Double.NEGATIVE_INFINITY)), -1);
  }

  /** {@return {@code [B, L, width]} as {@code [B, H, L, D]}} */
  public Tensor split(Tensor x) {
    return x.view(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
  }

  /** {@return {@code [B, H, L, D]} as {@code [B, L, width]}} */
  public static Tensor joined(Tensor x) {
    return x.transpose(1, 2).contiguous().view(x.size(0), x.size(2), x.size(1) * x.size(3));
  }
}
