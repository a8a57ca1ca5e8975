package dev.sightline.lab.internal.policy;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import org.bytedeco.pytorch.Tensor;

/** Masks of the mask language as LibTorch takes them. */
final class MaskTensors {
  private MaskTensors() {}

  /** {@return bool {@code [B, 1, Lq, Lk]}, true where a query may attend to a key} */
  static Tensor of(Mask mask, int batch, int queries, int keys) {
    return Tensor.create(
        BooleanMask.of(mask.over(new MaskShape(batch, 1, queries, keys)), Polarity.TRUE_ATTENDS),
        batch,
        1,
        queries,
        keys);
  }
}
