package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Parameters;
import java.util.SplittableRandom;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;

/** Parameters none of which is 0, as after training, so that every path through a net counts. */
final class Shaken {
  private Shaken() {}

  static void all(Parameters parameters) {
    SplittableRandom random = new SplittableRandom(11);
    NoGradGuard guard = new NoGradGuard();
    try {
      for (Tensor tensor : parameters.tensors().values()) {
        float[] values = Batches.noise(random, (int) tensor.numel());
        for (int i = 0; i < values.length; i++) {
          values[i] *= 0.1f;
        }
        tensor.add_(Tensor.create(values, tensor.sizes().vec().get()));
      }
    } finally {
      guard.close();
    }
  }
}
