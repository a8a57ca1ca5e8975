package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Attention;
import dev.sightline.lab.internal.network.Linear;
import dev.sightline.lab.internal.network.Parameters;
import dev.sightline.lab.internal.network.ScaledDotProduct;
import dev.sightline.lab.internal.network.Torch;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** A block of a transformer that normalises before its attention and its two-layer network. */
record WordBlock(Attention attention, Linear up, Linear down) {
  static WordBlock of(
      Parameters parameters, String name, int width, int heads, ScaledDotProduct product) {
    return new WordBlock(
        Attention.of(parameters, name + ".attention", width, heads, product),
        parameters.linear(name + ".up", width, 4 * width),
        parameters.linear(name + ".down", 4 * width, width));
  }

  /** {@return what the attention's queries, keys and values are made of} */
  Tensor before(Tensor x) {
    return Torch.normalised(x);
  }

  /** {@return the block's output} */
  Tensor after(Tensor x, Tensor attended) {
    Tensor y = x.add(attended);
    return y.add(down.of(torch.gelu(up.of(Torch.normalised(y)))));
  }
}
