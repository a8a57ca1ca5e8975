package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.bytedeco.pytorch.Tensor;

/** From noise to an action chunk along a policy's velocity, in steps of equal length. */
final class Flow {
  private static final int STEPS = 8;
  private static final int EACH = 2 * Episode.ACTIONS;

  private Flow() {}

  /** {@return noise {@code [B, ACTIONS, 2]}, the same for a task whatever is beside it} */
  static Tensor noise(List<Integer> tasks) {
    float[] noise = new float[tasks.size() * EACH];
    for (int row = 0; row < tasks.size(); row++) {
      // Near seeds of a SplittableRandom begin alike.
      SplittableRandom mixed =
          new SplittableRandom(new SplittableRandom(tasks.get(row)).nextLong());
      System.arraycopy(Batches.noise(mixed, EACH), 0, noise, row * EACH, EACH);
    }
    return Tensor.create(noise, tasks.size(), Episode.ACTIONS, 2);
  }

  /**
   * {@return the experts' chunks on their way out of noise, {@code [B, ACTIONS, 2]}}
   *
   * @param times how far each is, from 0 to 1
   */
  static float[] underWay(List<Episode> episodes, SplittableRandom random, float[] times) {
    float[] chunks = Batches.noise(random, episodes.size() * EACH);
    for (int row = 0; row < episodes.size(); row++) {
      float[] path = episodes.get(row).expert();
      for (int i = 0; i < EACH; i++) {
        chunks[row * EACH + i] += times[row] * (path[i] - chunks[row * EACH + i]);
      }
    }
    return chunks;
  }

  /** {@return a time from 0 to 1 for each row of a batch} */
  static float[] times(SplittableRandom random, int rows) {
    float[] times = new float[rows];
    for (int row = 0; row < rows; row++) {
      times[row] = (float) random.nextDouble();
    }
    return times;
  }

  /** {@return the chunks {@code [B, ACTIONS, 2]} at the end of the flow} */
  static Tensor integrate(Tensor noise, BiFunction<Tensor, float[], Tensor> velocity) {
    Tensor x = noise;
    int rows = (int) noise.size(0);
    for (int step = 0; step < STEPS; step++) {
      Tensor v = velocity.apply(x, Batches.same(rows, (double) step / STEPS));
      x = x.add(Torch.times(v, 1.0 / STEPS));
    }
    return x;
  }

  /** Puts each row of a batch where its task is. */
  static void split(Tensor chunks, List<Integer> tasks, List<float[]> target) {
    float[] all = Torch.floats(chunks);
    for (int row = 0; row < tasks.size(); row++) {
      target.set(tasks.get(row), Arrays.copyOfRange(all, row * EACH, (row + 1) * EACH));
    }
  }
}
