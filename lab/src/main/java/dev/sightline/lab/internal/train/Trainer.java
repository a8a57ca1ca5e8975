package dev.sightline.lab.internal.train;

import dev.sightline.lab.internal.network.Parameters;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.OptimizerParamGroup;
import org.bytedeco.pytorch.Tensor;

/** Trains a network by AdamW: a rise of the rate over the first steps, then a half cosine to 0. */
public final class Trainer {
  private static final double RISE = 0.05;

  private final Parameters parameters;
  private final AdamW optimiser;
  private final long steps;
  private final double rate;

  public Trainer(Parameters parameters, long steps, double rate) {
    this.parameters = parameters;
    this.steps = steps;
    this.rate = rate;
    this.optimiser = new AdamW(parameters.vector(), new AdamWOptions(rate));
  }

  /** Makes the loss of a step; called once, with its own scope of LibTorch's memory. */
  public interface Loss {
    Tensor at(long step);
  }

  /** {@return the loss before the step's change of the parameters} */
  public float step(long step, Loss loss) {
    try (PointerScope _ = new PointerScope()) {
      for (long i = 0; i < optimiser.param_groups().size(); i++) {
        OptimizerParamGroup group = optimiser.param_groups().get(i);
        group.options().set_lr(rateAt(step));
      }
      optimiser.zero_grad();
      Tensor value = loss.at(step);
      value.backward();
      optimiser.step();
      return value.item_float();
    }
  }

  private double rateAt(long step) {
    double done = (double) step / steps;
    return done < RISE
        ? rate * (done + 1.0 / steps) / RISE
        : rate * 0.5 * (1 + Math.cos(Math.PI * (done - RISE) / (1 - RISE)));
  }

  /** {@return the count of the trained numbers} */
  public long count() {
    return parameters.count();
  }
}
