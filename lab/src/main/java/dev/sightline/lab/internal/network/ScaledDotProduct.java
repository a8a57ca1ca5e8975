package dev.sightline.lab.internal.network;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** What computes {@code softmax(q k' / sqrt(D)) v} under a mask, and its gradients. */
@FunctionalInterface
public interface ScaledDotProduct {
  /** LibTorch's own. */
  ScaledDotProduct LIBTORCH =
      (q, k, v, mask) ->
          torch.scaled_dot_product_attention(
              q, k, v, new TensorOptional(mask), 0.0, false, new DoubleOptional(), false);

  /**
   * {@return the output, {@code [B, H, Lq, D]}, through which gradients reach q, k and v}
   *
   * @param q {@code [B, H, Lq, D]}
   * @param k {@code [B, H, Lk, D]}
   * @param v {@code [B, H, Lk, D]}
   * @param mask bool, {@code [B or 1, 1, Lq or 1, Lk]}, true where a query may attend to a key
   */
  Tensor of(Tensor q, Tensor k, Tensor v, Tensor mask);
}
