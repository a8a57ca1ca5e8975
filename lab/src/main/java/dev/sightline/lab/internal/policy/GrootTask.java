package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.export.JsonRows;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.lab.internal.task.Thing;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The world of an action head: what it trains on, and how it is judged. */
public final class GrootTask {
  /** Tokens to which an instruction is padded beside a much longer neighbour. */
  static final int LONG = 96;

  /** Tokens that hold the longest instruction. */
  private static final int TRAINED_TOKENS = 56;

  private static final int ROWS = HeldTasks.ROWS;

  /** More flow times near 0, where the noise says nothing yet and all comes from what is seen. */
  private static final double EARLY = 1.5;

  /** What the loss of the meaning counts beside that of the flow. */
  private static final double MEANING = 0.1;

  private final EncodedTexts trainedTexts;
  private final EncodedTexts heldTexts;
  private final int width;
  private final long world;
  private final int trained;
  private final HeldTasks held;

  /**
   * Makes the instructions of a world.
   *
   * @param language the frozen encoder; stays open as long as this is used
   * @param world the seed of the tasks
   * @param trained how many different instructions are trained on
   * @param held how many are kept for validation
   */
  public GrootTask(Language language, long world, int trained, int held) {
    this.width = language.width();
    this.world = world;
    this.trained = trained;
    this.held = new HeldTasks(trained, held);
    List<String> texts =
        LongStream.range(0, trained + held)
            .mapToObj(number -> Episodes.episode(world, number, 0).instruction())
            .toList();
    this.trainedTexts = new EncodedTexts(language, texts.subList(0, trained), TRAINED_TOKENS);
    this.heldTexts = new EncodedTexts(language, texts.subList(trained, texts.size()), LONG);
  }

  /** {@return the width of the encoder's hidden states} */
  public int languageWidth() {
    return width;
  }

  private Batches.Asked asked(int number, long draw) {
    return new Batches.Asked(
        Episodes.episode(world, number, draw),
        number < trained ? trainedTexts.get(number) : heldTexts.get(number - trained));
  }

  /**
   * {@return the loss of one batch: the mean square of what the flow's velocity lacks, and the
   * cross-entropy of the instruction's meaning}
   *
   * @param policy to be trained
   * @param mask of its cross-attentions
   * @param random decides the tasks, the noise and the times
   * @param rows of the batch
   */
  public Tensor loss(GrootPolicy policy, EncoderMask mask, SplittableRandom random, int rows) {
    List<Batches.Asked> asked = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      asked.add(asked(random.nextInt(trained), 1 + random.nextInt(Integer.MAX_VALUE)));
    }
    return loss(policy, mask, random, asked);
  }

  /** {@return the loss of held tasks, of the same batch each time} */
  public Tensor heldLoss(GrootPolicy policy, EncoderMask mask) {
    return loss(policy, mask, new SplittableRandom(world), held(0, ROWS));
  }

  private Tensor loss(
      GrootPolicy policy, EncoderMask mask, SplittableRandom random, List<Batches.Asked> asked) {
    int rows = asked.size();
    float[] times = new float[rows];
    long[] meaning = new long[rows * Subtask.TOKENS];
    for (int row = 0; row < rows; row++) {
      times[row] = (float) Math.pow(random.nextDouble(), EARLY);
      int[] ids = asked.get(row).episode().subtask().ids();
      for (int i = 0; i < ids.length; i++) {
        meaning[row * Subtask.TOKENS + i] = ids[i];
      }
    }
    Tensor noise =
        Tensor.create(Batches.noise(random, rows * 2 * Episode.ACTIONS), rows, Episode.ACTIONS, 2);
    Tensor actions = Tensor.create(Batches.actions(asked), rows, Episode.ACTIONS, 2);
    Tensor target = actions.sub(noise);
    Tensor noisy = noise.add(target.mul(Tensor.create(times, rows, 1, 1)));
    GrootInputs seen = Batches.inputs(asked, Batches.longest(asked), null, width, mask);
    GrootPolicy.Output output = policy.run(seen, noisy, times);
    Tensor wrong =
        torch.cross_entropy_loss(
            output.meaning().reshape((long) rows * Subtask.TOKENS, Subtask.VOCABULARY),
            Tensor.create(meaning, (long) rows * Subtask.TOKENS));
    return torch.mse_loss(output.velocity(), target).add(Torch.times(wrong, MEANING));
  }

  private List<Batches.Asked> held(int first, int after) {
    List<Batches.Asked> asked = new ArrayList<>();
    for (int i = first; i < after; i++) {
      asked.add(asked(held.number(i), held.draw(i)));
    }
    return asked;
  }

  /**
   * {@return held tasks as rows of JSON with the inputs of {@link GrootGraph}; each instruction is
   * padded to the longest of eight, with what the encoder gives there}
   *
   * @param seed of the noise and the flow times
   */
  public List<String> rows(long seed, int tasks) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> lines = new ArrayList<>();
    for (List<Integer> group : HeldTasks.groups(tasks, HeldTasks.WRITTEN_ALIKE)) {
      List<Batches.Asked> asked = held(group.getFirst(), group.getLast() + 1);
      List<Episode> episodes = asked.stream().map(Batches.Asked::episode).toList();
      int tokens = Batches.longest(asked);
      int[] real = asked.stream().mapToInt(each -> each.language().real()).toArray();
      float[] times = Flow.times(random, group.size());
      float[] noisy = Flow.underWay(episodes, random, times);
      lines.addAll(
          Torch.withoutGradients(() -> {
            GrootInputs seen = Batches.inputs(asked, tokens, null, width, EncoderMask.ON);
            return new JsonRows(HeldTasks.ids(group))
                .add("state", Torch.floats(seen.state()), 1, 2)
                .add("noisy_actions", noisy, Episode.ACTIONS, 2)
                .add("time", times)
                .add("scene", Torch.floats(seen.scene()), Episodes.THINGS, Thing.FEATURES)
                .add("language", Torch.floats(seen.language()), tokens, width)
                .add("attention_mask", Batches.realTokens(real, tokens), tokens)
                .lines();
          }));
    }
    return lines;
  }

  /** {@return held tasks, as {@link #paths} runs them} */
  public List<Episode> heldTasks(int tasks) {
    return held(0, tasks).stream().map(Batches.Asked::episode).toList();
  }

  /**
   * How held tasks are run.
   *
   * @param mask of the cross-attentions
   * @param padding what is at padding
   * @param shift how many tasks farther the instruction is taken from; 0 for a task's own
   */
  public record Condition(EncoderMask mask, Padding padding, int shift) {}

  /** {@return the paths of a policy for held tasks, each {@code [ACTIONS, 2]}} */
  public List<float[]> paths(GrootPolicy policy, Condition condition, int tasks) {
    List<float[]> paths = new ArrayList<>(Collections.nCopies(tasks, new float[0]));
    List<Batches.Asked> all = new ArrayList<>();
    List<Batches.Asked> own = held(0, tasks);
    for (int task = 0; task < tasks; task++) {
      Batches.Asked other = own.get((task + condition.shift) % tasks);
      all.add(new Batches.Asked(own.get(task).episode(), other.language()));
    }
    int[] real = all.stream().mapToInt(asked -> asked.language().real()).toArray();
    for (List<Integer> batch : HeldTasks.batches(real, condition.padding)) {
      List<Batches.Asked> asked = batch.stream().map(all::get).toList();
      Torch.withoutGradients(() -> {
        GrootInputs seen = inputs(asked, condition.padding, condition.mask);
        Tensor chunks =
            Flow.integrate(Flow.noise(batch), (x, times) -> policy.velocity(seen, x, times));
        Flow.split(chunks, batch, paths);
        return paths;
      });
    }
    return paths;
  }

  /** {@return the share of a cross-attention's probability at padding, with it as in training} */
  public double attentionOnPadding(GrootPolicy policy, EncoderMask mask) {
    List<Integer> numbers = IntStream.range(0, ROWS).boxed().toList();
    return Torch.withoutGradients(() ->
        policy.attentionOnPadding(
            inputs(held(0, ROWS), Padding.AS_TRAINED, mask),
            Flow.noise(numbers),
            Batches.same(ROWS, 0)));
  }

  /** {@return the mean norm of hidden states at padding over that at real tokens} */
  public double paddingNorm() {
    double[] sums = new double[2];
    long[] counts = new long[2];
    for (Batches.Asked asked : held(0, ROWS)) {
      float[] states = asked.language().states();
      for (int token = 0; token < TRAINED_TOKENS; token++) {
        double square = 0;
        for (int i = token * width; i < (token + 1) * width; i++) {
          square += states[i] * states[i];
        }
        int kind = token < asked.language().real() ? 0 : 1;
        sums[kind] += Math.sqrt(square);
        counts[kind]++;
      }
    }
    return sums[1] / counts[1] / (sums[0] / counts[0]);
  }

  private GrootInputs inputs(List<Batches.Asked> asked, Padding padding, EncoderMask mask) {
    int tokens =
        switch (padding) {
          case AS_TRAINED, NONE -> Batches.longest(asked);
          case LONG, FOREIGN -> LONG;
        };
    // As a buffer that is used again: another instruction's tokens, then its padding.
    float[] foreign =
        padding == Padding.FOREIGN ? heldTexts.get(heldTexts.size() - 1).states() : null;
    return Batches.inputs(asked, tokens, foreign, width, mask);
  }
}
