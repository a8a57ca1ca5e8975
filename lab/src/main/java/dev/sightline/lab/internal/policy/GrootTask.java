package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.onnx.inventory.ModelException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The world of an action head: what it trains on, and how it is judged. */
public final class GrootTask {
  /** Tokens to which the encoder's texts are padded; longer than the longest instruction. */
  static final int LONGEST = 64;

  /** Steps from noise to an action chunk. */
  private static final int FLOW_STEPS = 8;

  private static final double MEANING = Double.parseDouble(System.getProperty("aux","0.1"));

  private final List<String> texts;
  private final List<Language.Encoded> encoded;
  private final Language language;
  private final long world;
  private final int trained;

  /**
   * Encodes the instructions of a world.
   *
   * @param language the frozen encoder
   * @param world the seed of the tasks
   * @param trained how many different instructions are trained on
   * @param held how many are kept for validation
   */
  public GrootTask(Language language, long world, int trained, int held) throws ModelException {
    this.language = language;
    this.world = world;
    this.trained = trained;
    this.texts =
        LongStream.range(0, trained + held)
            .mapToObj(number -> Episodes.episode(world, number, 0).instruction())
            .toList();
    this.encoded = language.encode(texts, LONGEST);
  }

  /** What lies beside an instruction in its batch, and at its padding. */
  public enum Padding {
    /** Padded to the longest instruction of the batch, as in training. */
    AS_TRAINED,
    /** One task for itself, without padding. */
    NONE,
    /** Beside a neighbour that is much longer. */
    LONG,
    /** As long, and what lies at padding are another instruction's hidden states. */
    FOREIGN
  }

  private Batches.Asked asked(long number, long draw) {
    return new Batches.Asked(
        Episodes.episode(world, number, draw), encoded.get(Math.toIntExact(number)));
  }

  /** {@return the tasks of a training step} */
  private List<Batches.Asked> training(SplittableRandom random, int rows) {
    List<Batches.Asked> asked = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      asked.add(asked(random.nextInt(trained), 1 + random.nextInt(Integer.MAX_VALUE)));
    }
    return asked;
  }

  /**
   * {@return the flow-matching loss of one batch: the mean square of what the velocity lacks}
   *
   * @param policy to be trained
   * @param mask of its cross-attentions
   * @param random decides the tasks, the noise and the times
   * @param rows of the batch
   */
  public Tensor loss(GrootPolicy policy, EncoderMask mask, SplittableRandom random, int rows) {
    List<Batches.Asked> asked = training(random, rows);
    float[] times = new float[rows];
    long[] meaning = new long[rows * Subtask.TOKENS];
    for (int row = 0; row < rows; row++) {
      times[row] = (float) Math.pow(random.nextDouble(), Double.parseDouble(System.getProperty("tp","1")));
      int[] ids = asked.get(row).episode().subtask().ids();
      for (int i = 0; i < ids.length; i++) {
        meaning[row * Subtask.TOKENS + i] = ids[i];
      }
    }
    Tensor noise =
        Tensor.create(
            Batches.noise(random, rows * 2 * Episode.ACTIONS), rows, Episode.ACTIONS, 2);
    Tensor actions = Tensor.create(Batches.actions(asked), rows, Episode.ACTIONS, 2);
    Tensor target = actions.sub(noise);
    Tensor noisy = noise.add(target.mul(Tensor.create(times, rows, 1, 1)));
    GrootInputs seen =
        Batches.inputs(asked, Batches.longest(asked), null, language.width(), mask);
    GrootPolicy.Output output = policy.run(seen, noisy, times);
    Tensor wrong =
        torch.cross_entropy_loss(
            output.meaning().reshape((long) rows * Subtask.TOKENS, Subtask.VOCABULARY),
            Tensor.create(meaning, (long) rows * Subtask.TOKENS));
    return torch.mse_loss(output.velocity(), target).add(Torch.times(wrong, MEANING));
  }

  /**
   * {@return what a policy does with held tasks}
   *
   * @param policy trained or not
   * @param mask of its cross-attentions
   * @param padding what lies at padding
   * @param tasks how many
   */
  public List<Episode.Outcome> outcomes(
      GrootPolicy policy, EncoderMask mask, Padding padding, int tasks) {
    List<Episode.Outcome> outcomes = new ArrayList<>();
    int rows = padding == Padding.AS_TRAINED ? 16 : 1;
    int held = texts.size() - trained;
    for (int first = 0; first < tasks; first += rows) {
      List<Batches.Asked> asked = new ArrayList<>();
      for (int i = first; i < Math.min(first + rows, tasks); i++) {
        asked.add(asked(trained + i % held, -1 - i));
      }
      float[] paths = paths(policy, mask, padding, asked, first);
      for (int row = 0; row < asked.size(); row++) {
        float[] path = new float[2 * Episode.ACTIONS];
        System.arraycopy(paths, row * path.length, path, 0, path.length);
        outcomes.add(asked.get(row).episode().judge(path));
      }
    }
    return outcomes;
  }

  private float[] paths(
      GrootPolicy policy,
      EncoderMask mask,
      Padding padding,
      List<Batches.Asked> asked,
      long noiseSeed) {
    int tokens =
        switch (padding) {
          case AS_TRAINED, NONE -> Batches.longest(asked);
          case LONG, FOREIGN -> LONGEST;
        };
    float[] foreign =
        padding == Padding.FOREIGN
            ? encoded.get((int) (noiseSeed * 31 % trained)).states()
            : null;
    int rows = asked.size();
    try (PointerScope _ = new PointerScope();
        NoGradGuard _ = new NoGradGuard()) {
      GrootInputs seen = Batches.inputs(asked, tokens, foreign, language.width(), mask);
      Tensor x =
          Tensor.create(
              Batches.noise(
                  new SplittableRandom(world + noiseSeed), rows * 2 * Episode.ACTIONS),
              rows,
              Episode.ACTIONS,
              2);
      for (int step = 0; step < FLOW_STEPS; step++) {
        Tensor velocity =
            policy.velocity(seen, x, Batches.same(rows, (double) step / FLOW_STEPS));
        x = x.add(Torch.times(velocity, 1.0 / FLOW_STEPS));
      }
      return Torch.floats(x);
    }
  }
}
