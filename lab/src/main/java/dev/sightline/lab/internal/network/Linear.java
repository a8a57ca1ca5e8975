package dev.sightline.lab.internal.network;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** {@code x W' + b}; weight {@code [out, in]}, bias {@code [out]}. */
public record Linear(Tensor weight, Tensor bias) {
  /** {@return the layer of {@code [..., in]}: {@code [..., out]}} */
  public Tensor of(Tensor x) {
    return torch.linear(x, weight, new TensorOptional(bias));
  }
}
