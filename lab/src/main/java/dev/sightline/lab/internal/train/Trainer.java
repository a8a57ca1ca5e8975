package dev.sightline.lab.internal.train;

import dev.sightline.lab.internal.network.Torch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AdamW;
import org.bytedeco.pytorch.AdamWOptions;
import org.bytedeco.pytorch.Tensor;

/**
 * Trains a policy by AdamW: a rise of the rate over the first steps, then a half cosine to 0. The
 * batch of a step follows from the seed and the step's number alone, so that a training that goes
 * on from a checkpoint is the training that was not stopped.
 */
public final class Trainer implements AutoCloseable {
  private static final double RISE = 0.05;

  private final Learner learner;
  private final Plan plan;
  private final PointerScope scope = new PointerScope();
  private final AdamW optimiser;
  private final List<Float> losses = new ArrayList<>();
  private final List<Float> held = new ArrayList<>();

  /**
   * How a policy is trained.
   *
   * @param steps batches in all
   * @param rate the largest learning rate
   * @param seed of the batches
   */
  public record Plan(long steps, double rate, long seed) {}

  /** Begins a training. */
  public Trainer(Learner learner, Plan plan) {
    this.learner = learner;
    this.plan = plan;
    this.optimiser = new AdamW(learner.parameters().vector(), new AdamWOptions(plan.rate));
    scope.extend();
    scope.close();
  }

  /** {@return the number of the next step} */
  public int next() {
    return losses.size();
  }

  /** {@return the loss of each step so far, before its change of the parameters} */
  public List<Float> losses() {
    return List.copyOf(losses);
  }

  /** {@return the loss of the next step, which is taken} */
  public float step() {
    int step = next();
    float value =
        Torch.scoped(() -> {
          optimiser.param_groups().get(0).options().set_lr(rate(step));
          optimiser.zero_grad();
          Tensor loss = learner.loss(new SplittableRandom(mixed(step)));
          loss.backward();
          optimiser.step();
          return loss.item_float();
        });
    losses.add(value);
    return value;
  }

  /** Near seeds of a SplittableRandom begin alike. */
  private long mixed(int step) {
    return new SplittableRandom(plan.seed).nextLong() ^ new SplittableRandom(step).nextLong();
  }

  private double rate(long step) {
    double done = (double) step / plan.steps;
    return done < RISE
        ? plan.rate * (done + 1.0 / plan.steps) / RISE
        : plan.rate * 0.5 * (1 + Math.cos(Math.PI * (done - RISE) / (1 - RISE)));
  }

  /** {@return the losses of held tasks so far, as {@link #keepHeld} was given them} */
  public List<Float> held() {
    return List.copyOf(held);
  }

  /** Keeps a loss of held tasks beside the curve; it changes nothing of the training. */
  public void keepHeld(float loss) {
    held.add(loss);
  }

  /** Writes all that {@link #resume} needs. */
  public void save(Path file) throws IOException {
    Checkpoint.write(
        file, learner.parameters(), optimiser, new Checkpoint.Curves(floats(losses), floats(held)));
  }

  private static float[] floats(List<Float> values) {
    float[] floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values.get(i);
    }
    return floats;
  }

  /** Goes on where {@link #save} was called, in a trainer that has taken no step. */
  public void resume(Path file) throws IOException {
    Checkpoint.Curves curves = Checkpoint.read(file, learner.parameters(), optimiser);
    for (float loss : curves.losses()) {
      losses.add(loss);
    }
    for (float loss : curves.held()) {
      held.add(loss);
    }
  }

  @Override
  public void close() {
    scope.close();
  }
}
