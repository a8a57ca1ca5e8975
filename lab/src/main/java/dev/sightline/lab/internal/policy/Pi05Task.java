package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.export.JsonRows;
import dev.sightline.lab.internal.network.Torch;
import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Subtask;
import dev.sightline.lab.internal.task.Thing;
import dev.sightline.lab.internal.task.Words;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** The world of a policy in the manner of pi0.5: what it trains on, and how it is judged. */
public final class Pi05Task {
  /** More flow times near 0, where the noise says nothing yet and all comes from what is seen. */
  private static final double EARLY = 1.5;

  /** What the loss of the subtask counts beside that of the flow. */
  private static final double SUBTASK = 0.1;

  /** The subtask's first token is predicted from this one. */
  private static final int BEGIN = Subtask.VOCABULARY;

  private final List<String> texts;
  private final Words words;
  private final long world;
  private final int trained;
  private final HeldTasks held;

  /**
   * Collects the instructions of a world.
   *
   * @param world the seed of the tasks
   * @param trained how many different instructions are trained on
   * @param held how many are kept for validation
   */
  public Pi05Task(long world, int trained, int held) {
    this.world = world;
    this.trained = trained;
    this.held = new HeldTasks(trained, held);
    this.texts =
        LongStream.range(0, trained + held)
            .mapToObj(number -> Episodes.episode(world, number, 0).instruction())
            .toList();
    this.words = new Words(texts);
  }

  /** What the actions may attend to of a subtask when the policy is run. */
  public enum Inference {
    /** The subtask is decoded first, and stays in the cache. */
    DECODED_SUBTASK,
    /** No subtask is decoded. */
    NO_SUBTASK
  }

  /** {@return the ids that the policy's table of words must have} */
  public int vocabulary() {
    return words.size();
  }

  /** A batch: tasks as tensors. */
  private record Seen(
      Tensor place, Tensor things, Tensor instruction, int language, JointMask mask) {}

  private Seen seen(List<Episode> episodes, Padding padding, PolicyMask mask) {
    int rows = episodes.size();
    int language =
        switch (padding) {
          case AS_TRAINED, NONE ->
              episodes.stream().mapToInt(e -> ids(e).length).max().orElseThrow();
          case LONG, FOREIGN -> PolicyMask.LANGUAGE;
        };
    float[] place = new float[2 * rows];
    float[] things = new float[rows * Episodes.THINGS * Thing.FEATURES];
    long[] instruction = new long[rows * language];
    Arrays.fill(instruction, Words.PADDING);
    int[] real = new int[rows];
    for (int row = 0; row < rows; row++) {
      Episode episode = episodes.get(row);
      place[2 * row] = (float) episode.startX();
      place[2 * row + 1] = (float) episode.startY();
      float[] features = episode.sceneFeatures();
      System.arraycopy(features, 0, things, row * features.length, features.length);
      int[] ids = ids(episode);
      real[row] = ids.length;
      for (int i = 0; i < ids.length; i++) {
        instruction[row * language + i] = ids[i];
      }
      if (padding == Padding.FOREIGN) {
        int[] foreign = words.ids(texts.getLast());
        for (int i = ids.length; i < language; i++) {
          instruction[row * language + i] = foreign[i % foreign.length];
        }
      }
    }
    return new Seen(
        Tensor.create(place, rows, 1, 2),
        Tensor.create(things, rows, Episodes.THINGS, Thing.FEATURES),
        Tensor.create(instruction, rows, language),
        language,
        new JointMask(mask.mask(language, real), rows, PolicyMask.tokens(language)));
  }

  private int[] ids(Episode episode) {
    return words.ids(episode.instruction());
  }

  /**
   * {@return the loss of one batch: cross-entropy of the subtask's tokens and the flow's mean
   * square}
   *
   * @param policy to be trained
   * @param mask over all its tokens
   * @param random decides the tasks, the noise and the times
   * @param rows of the batch
   */
  public Tensor loss(Pi05Policy policy, PolicyMask mask, SplittableRandom random, int rows) {
    List<Episode> episodes = new ArrayList<>();
    for (int row = 0; row < rows; row++) {
      episodes.add(
          Episodes.episode(world, random.nextInt(trained), 1 + random.nextInt(Integer.MAX_VALUE)));
    }
    return loss(policy, mask, random, episodes);
  }

  /** {@return the loss of held tasks, of the same batch each time} */
  public Tensor heldLoss(Pi05Policy policy, PolicyMask mask) {
    return loss(policy, mask, new SplittableRandom(world), heldTasks(HeldTasks.ROWS));
  }

  private Tensor loss(
      Pi05Policy policy, PolicyMask mask, SplittableRandom random, List<Episode> episodes) {
    int rows = episodes.size();
    float[] times = new float[rows];
    long[] steps = new long[rows * PolicyMask.SUBTASK];
    long[] targets = new long[rows * Subtask.TOKENS];
    float[] chunks = new float[rows * 2 * Episode.ACTIONS];
    for (int row = 0; row < rows; row++) {
      times[row] = (float) Math.pow(random.nextDouble(), EARLY);
      int[] ids = episodes.get(row).subtask().ids();
      steps[row * PolicyMask.SUBTASK] = BEGIN;
      for (int i = 0; i < ids.length; i++) {
        steps[row * PolicyMask.SUBTASK + 1 + i] = ids[i];
        targets[row * Subtask.TOKENS + i] = ids[i];
      }
      float[] path = episodes.get(row).expert();
      System.arraycopy(path, 0, chunks, row * path.length, path.length);
    }
    Seen seen = seen(episodes, Padding.AS_TRAINED, mask);
    Tensor noise = Tensor.create(Batches.noise(random, chunks.length), rows, Episode.ACTIONS, 2);
    Tensor target = Tensor.create(chunks, rows, Episode.ACTIONS, 2).sub(noise);
    Tensor noisy = noise.add(target.mul(Tensor.create(times, rows, 1, 1)));
    Tensor wordTokens =
        Torch.tokens(
            policy.prefix(seen.place, seen.things, seen.instruction),
            policy.subtask(Tensor.create(steps, rows, PolicyMask.SUBTASK), 0));
    Pi05Policy.States states =
        policy.run(wordTokens, policy.actions(noisy), times, seen.mask.all(), KeyValues.none());
    Tensor predicted =
        policy
            .next(states.ofWords().narrow(1, PolicyMask.IMAGE + seen.language, Subtask.TOKENS))
            .reshape(rows * (long) Subtask.TOKENS, Subtask.VOCABULARY);
    Tensor wrong =
        torch.cross_entropy_loss(predicted, Tensor.create(targets, rows * (long) Subtask.TOKENS));
    return torch
        .mse_loss(policy.velocity(states.ofFlow()), target)
        .add(Torch.times(wrong, SUBTASK));
  }

  /**
   * {@return held tasks as rows of JSON with the inputs of a part of {@link Pi05Graph}}
   *
   * @param mask under which the keys and values of a step are computed
   * @param seed of the noise and the flow times
   */
  public List<String> rows(
      Pi05Policy policy, PolicyMask mask, Pi05Graph.Part part, long seed, int tasks) {
    SplittableRandom random = new SplittableRandom(seed);
    List<String> lines = new ArrayList<>();
    for (List<Integer> group : HeldTasks.groups(tasks, HeldTasks.WRITTEN_ALIKE)) {
      List<Episode> episodes =
          group.stream().map(i -> Episodes.episode(world, held.number(i), held.draw(i))).toList();
      float[] times = Flow.times(random, group.size());
      float[] noisy = Flow.underWay(episodes, random, times);
      lines.addAll(
          Torch.withoutGradients(() ->
              rows(policy, mask, part, episodes, new JsonRows(HeldTasks.ids(group)), times, noisy)
                  .lines()));
    }
    return lines;
  }

  private JsonRows rows(
      Pi05Policy policy,
      PolicyMask mask,
      Pi05Graph.Part part,
      List<Episode> episodes,
      JsonRows rows,
      float[] times,
      float[] noisy) {
    int language = PolicyMask.LANGUAGE;
    Seen seen = seen(episodes, Padding.LONG, mask);
    long[] words = new long[episodes.size() * language];
    long[] steps = new long[episodes.size() * PolicyMask.SUBTASK];
    int[] real = new int[episodes.size()];
    Arrays.fill(words, Words.PADDING);
    for (int row = 0; row < real.length; row++) {
      int[] ids = ids(episodes.get(row));
      real[row] = ids.length;
      copy(ids, words, row * language);
      steps[row * PolicyMask.SUBTASK] = BEGIN;
      copy(episodes.get(row).subtask().ids(), steps, row * PolicyMask.SUBTASK + 1);
    }
    rows.add("attention_mask", Batches.realTokens(real, language), language);
    if (part != Pi05Graph.Part.STEP) {
      rows.add("state", Torch.floats(seen.place), 1, 2)
          .add("scene", Torch.floats(seen.things), Episodes.THINGS, Thing.FEATURES)
          .add("input_ids", words, language);
    }
    if (part == Pi05Graph.Part.JOINT) {
      rows.add("subtask_ids", steps, PolicyMask.SUBTASK);
    }
    if (part != Pi05Graph.Part.PREFIX) {
      rows.add("noisy_actions", noisy, Episode.ACTIONS, 2).add("time", times);
    }
    if (part == Pi05Graph.Part.STEP) {
      KeyValues cache = decode(policy, seen, real.length, Inference.NO_SUBTASK).cache;
      for (int layer = 0; layer < cache.layers(); layer++) {
        rows.add(
                Pi05Graph.key("past", layer),
                Torch.floats(cache.keys(layer)),
                ofRow(cache.keys(layer)))
            .add(
                Pi05Graph.value("past", layer),
                Torch.floats(cache.values(layer)),
                ofRow(cache.values(layer)));
      }
    }
    return rows;
  }

  private static void copy(int[] from, long[] to, int at) {
    for (int i = 0; i < from.length; i++) {
      to[at + i] = from[i];
    }
  }

  private static int[] ofRow(Tensor cached) {
    return new int[] {(int) cached.size(1), (int) cached.size(2), (int) cached.size(3)};
  }

  /**
   * What a policy did with held tasks.
   *
   * @param paths one for each task, {@code [ACTIONS, 2]}
   * @param subtasks how many subtasks were decoded without an error; 0 where none was decoded
   */
  public record Run(List<float[]> paths, int subtasks) {}

  /** {@return held tasks, as {@link #run} runs them} */
  public List<Episode> heldTasks(int tasks) {
    return IntStream.range(0, tasks)
        .mapToObj(i -> Episodes.episode(world, held.number(i), held.draw(i)))
        .toList();
  }

  /** {@return what a policy does with held tasks, run with a cache as on a robot} */
  public Run run(
      Pi05Policy policy, PolicyMask mask, Inference inference, Padding padding, int tasks) {
    return run(policy, mask, inference, padding, heldTasks(tasks));
  }

  /** {@return what a policy does with held tasks, each with the instruction of the next} */
  public Run otherInstructions(Pi05Policy policy, PolicyMask mask, int tasks) {
    List<Episode> own = heldTasks(tasks);
    List<Episode> other = new ArrayList<>();
    for (int task = 0; task < tasks; task++) {
      other.add(own.get(task).asking(own.get((task + 1) % tasks).instruction()));
    }
    return run(policy, mask, Inference.NO_SUBTASK, Padding.AS_TRAINED, other);
  }

  private Run run(
      Pi05Policy policy, PolicyMask mask, Inference inference, Padding padding, List<Episode> all) {
    int tasks = all.size();
    List<float[]> paths = new ArrayList<>(Collections.nCopies(tasks, new float[0]));
    int right = 0;
    int[] real = all.stream().mapToInt(episode -> ids(episode).length).toArray();
    for (List<Integer> batch : HeldTasks.batches(real, padding)) {
      List<Episode> episodes = batch.stream().map(all::get).toList();
      int[][] subtasks =
          Torch.withoutGradients(() -> {
            Decoded decoded =
                decode(policy, seen(episodes, padding, mask), episodes.size(), inference);
            Flow.split(act(policy, decoded, Flow.noise(batch)), batch, paths);
            return decoded.subtasks;
          });
      for (int row = 0; row < episodes.size(); row++) {
        if (Arrays.equals(subtasks[row], episodes.get(row).subtask().ids())) {
          right++;
        }
      }
    }
    return new Run(paths, right);
  }

  /** The cache that actions are run over: its tokens' numbers in the joint mask. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Decoded(Seen seen, KeyValues cache, int[] cached, int[][] subtasks) {}

  private Decoded decode(Pi05Policy policy, Seen seen, int rows, Inference inference) {
    int prefix = PolicyMask.IMAGE + seen.language;
    float[] noTime = new float[rows];
    int[] cached = JointMask.range(0, prefix);
    KeyValues cache =
        policy
            .run(
                policy.prefix(seen.place, seen.things, seen.instruction),
                null,
                noTime,
                seen.mask.of(cached, cached),
                KeyValues.none())
            .keyValues();
    int[][] subtasks = new int[rows][];
    if (inference == Inference.NO_SUBTASK) {
      return new Decoded(seen, cache, cached, subtasks);
    }
    for (int row = 0; row < rows; row++) {
      subtasks[row] = new int[Subtask.TOKENS];
    }
    long[] token = new long[rows];
    Arrays.fill(token, BEGIN);
    for (int i = 0; i < PolicyMask.SUBTASK; i++) {
      int[] query = {prefix + i};
      int[] keys = JointMask.range(0, prefix + i + 1);
      Pi05Policy.States states =
          policy.run(
              policy.subtask(Tensor.create(token, rows, 1), i),
              null,
              noTime,
              seen.mask.of(query, keys),
              cache);
      cache = states.keyValues();
      cached = keys;
      if (i < Subtask.TOKENS) {
        float[] scores = Torch.floats(policy.next(states.ofWords()));
        for (int row = 0; row < rows; row++) {
          token[row] = largest(scores, row * Subtask.VOCABULARY);
          subtasks[row][i] = (int) token[row];
        }
      }
    }
    return new Decoded(seen, cache, cached, subtasks);
  }

  private static int largest(float[] scores, int from) {
    int best = 0;
    for (int i = 1; i < Subtask.VOCABULARY; i++) {
      if (scores[from + i] > scores[from + best]) {
        best = i;
      }
    }
    return best;
  }

  private static Tensor act(Pi05Policy policy, Decoded decoded, Tensor noise) {
    int flow = PolicyMask.IMAGE + decoded.seen.language + PolicyMask.SUBTASK;
    int[] queries = JointMask.range(flow, flow + Episode.ACTIONS);
    Tensor mask = decoded.seen.mask.of(queries, JointMask.both(decoded.cached, queries));
    return Flow.integrate(
        noise,
        (x, times) ->
            policy.velocity(
                policy.run(null, policy.actions(x), times, mask, decoded.cache).ofFlow()));
  }
}
