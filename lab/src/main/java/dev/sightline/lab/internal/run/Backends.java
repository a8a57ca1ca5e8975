package dev.sightline.lab.internal.run;

import dev.sightline.attention.Provider;
import dev.sightline.lab.internal.network.ScaledDotProduct;
import dev.sightline.lab.internal.network.SightlineAttention;
import dev.sightline.lab.result.LabRun;

/** Makes what computes the attentions of a run. */
final class Backends {
  private Backends() {}

  static ScaledDotProduct of(LabRun.Backend backend) {
    return switch (backend) {
      case LIBTORCH -> ScaledDotProduct.LIBTORCH;
      case SIGHTLINE -> new SightlineAttention(Provider.preferred());
    };
  }
}
