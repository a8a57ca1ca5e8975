package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A block of a diffusion transformer: attention and a two-layer network, each with a shift, a scale
 * and a gate made of the flow time (AdaLN-zero; Peebles and Xie, 2023).
 */
record FlowBlock(Linear modulation, Attention attention, Linear up, Linear down) {
  static FlowBlock of(Parameters parameters, String name, int width, int contextWidth, int heads) {
    return new FlowBlock(
        parameters.silentLinear(name + ".modulation", width, 6 * width),
        Attention.of(parameters, name + ".attention", width, contextWidth, heads),
        parameters.linear(name + ".up", width, 4 * width),
        parameters.linear(name + ".down", 4 * width, width));
  }

  /**
   * {@return {@code [B, Lq, width]}}
   *
   * @param x {@code [B, Lq, width]}
   * @param context {@code [B, Lk, contextWidth]}, or null for self-attention
   * @param mask bool, {@code [B or 1, 1, Lq or 1, Lk]}
   * @param time {@code [B, 1, width]}
   */
  Tensor of(Tensor x, @Nullable Tensor context, Tensor mask, Tensor time) {
    TensorVector parts = modulation.of(torch.silu(time)).chunk(6, 2);
    Tensor query = modulated(x, parts.get(0), parts.get(1));
    Tensor seen = attention.of(query, context == null ? query : context, mask);
    Tensor y = x.add(seen.mul(parts.get(2)));
    Tensor inner = modulated(y, parts.get(3), parts.get(4));
    return y.add(down.of(torch.gelu(up.of(inner))).mul(parts.get(5)));
  }

  private static Tensor modulated(Tensor x, Tensor shift, Tensor scale) {
    return Torch.normalised(x).mul(Torch.plus(scale, 1)).add(shift);
  }
}
