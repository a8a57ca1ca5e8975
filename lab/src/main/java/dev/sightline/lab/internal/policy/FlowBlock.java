package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.ScaledDotProduct;
import dev.sightline.lab.internal.network.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * A block of a diffusion transformer: attention and a two-layer network, each with a shift, a scale
 * and a gate made of the flow time (AdaLN-zero; Peebles and Xie, 2023).
 */
record FlowBlock(Linear modulation, Attention attention, Linear up, Linear down) {
  static FlowBlock of(
      Parameters parameters, String name, int width, int heads, ScaledDotProduct product) {
    return new FlowBlock(
        parameters.silentLinear(name + ".modulation", width, 6 * width),
        Attention.of(parameters, name + ".attention", width, heads, product),
        parameters.linear(name + ".up", width, 4 * width),
        parameters.linear(name + ".down", 4 * width, width));
  }

  /** {@return the shifts, scales and gates of a flow time {@code [B, 1, width]}} */
  TensorVector modulations(Tensor time) {
    return modulation.of(torch.silu(time)).chunk(6, 2);
  }

  /** {@return what the attention's queries, keys and values are made of} */
  Tensor before(Tensor x, TensorVector modulations) {
    return modulated(x, modulations.get(0), modulations.get(1));
  }

  /** {@return the block's output} */
  Tensor after(Tensor x, Tensor attended, TensorVector modulations) {
    Tensor y = x.add(attended.mul(modulations.get(2)));
    Tensor inner = modulated(y, modulations.get(3), modulations.get(4));
    return y.add(down.of(torch.gelu(up.of(inner))).mul(modulations.get(5)));
  }

  /**
   * {@return a cross-attention's block of {@code [B, Lq, width]}}
   *
   * @param x {@code [B, Lq, width]}
   * @param context {@code [B, Lk, width]}
   * @param mask bool, {@code [B or 1, 1, Lq, Lk]}
   * @param time {@code [B, 1, width]}
   */
  Tensor cross(Tensor x, Tensor context, Tensor mask, Tensor time) {
    TensorVector modulations = modulations(time);
    return after(x, attention.of(before(x, modulations), context, mask), modulations);
  }

  /** {@return a self-attention's block of {@code [B, L, width]}} */
  Tensor self(Tensor x, Tensor mask, Tensor time) {
    TensorVector modulations = modulations(time);
    Tensor seen = before(x, modulations);
    return after(x, attention.of(seen, seen, mask), modulations);
  }

  private static Tensor modulated(Tensor x, Tensor shift, Tensor scale) {
    return Torch.normalised(x).mul(Torch.plus(scale, 1)).add(shift);
  }
}
