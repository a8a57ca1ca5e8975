package dev.sightline.lab.internal.policy;

import dev.sightline.lab.internal.task.Episode;
import dev.sightline.lab.internal.task.Episodes;
import dev.sightline.lab.internal.task.Thing;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Makes an action head's inputs of tasks, with padding as it is wanted. */
final class Batches {
  private Batches() {}

  /** A task, and the hidden states of its instruction. */
  record Asked(Episode episode, Language.Encoded language) {}

  /**
   * {@return a batch's inputs}
   *
   * @param asked the tasks, one for each batch row
   * @param tokens T, to which each instruction is padded
   * @param foreign what is at padding, from its first token on, instead of what the encoder gives
   *     there, or null
   * @param width of a hidden state
   * @param mask which tokens may be seen
   */
  static GrootInputs inputs(
      List<Asked> asked, int tokens, float @Nullable [] foreign, int width, EncoderMask mask) {
    int rows = asked.size();
    float[] state = new float[rows * 2];
    float[] scene = new float[rows * Episodes.THINGS * Thing.FEATURES];
    float[] language = new float[rows * tokens * width];
    int[] real = new int[rows];
    for (int row = 0; row < rows; row++) {
      Asked one = asked.get(row);
      state[2 * row] = (float) one.episode.startX();
      state[2 * row + 1] = (float) one.episode.startY();
      float[] features = one.episode.sceneFeatures();
      System.arraycopy(features, 0, scene, row * features.length, features.length);
      System.arraycopy(one.language.states(), 0, language, row * tokens * width, tokens * width);
      real[row] = one.language.real();
      if (foreign != null) {
        int from = real[row] * width;
        System.arraycopy(foreign, 0, language, row * tokens * width + from, tokens * width - from);
      }
    }
    return new GrootInputs(
        Tensor.create(state, rows, 1, 2),
        Tensor.create(scene, rows, Episodes.THINGS, Thing.FEATURES),
        Tensor.create(language, rows, tokens, width),
        real,
        mask);
  }

  /** {@return the expert's action chunks, {@code [B, ACTIONS, 2]}} */
  static float[] actions(List<Asked> asked) {
    float[] all = new float[asked.size() * 2 * Episode.ACTIONS];
    for (int row = 0; row < asked.size(); row++) {
      float[] path = asked.get(row).episode.expert();
      System.arraycopy(path, 0, all, row * path.length, path.length);
    }
    return all;
  }

  /** {@return the longest instruction's tokens} */
  static int longest(List<Asked> asked) {
    return asked.stream().mapToInt(one -> one.language.real()).max().orElseThrow();
  }

  /** {@return 1 at tokens and 0 at padding, which comes after them, {@code [B, T]}} */
  static long[] realTokens(int[] real, int tokens) {
    long[] mask = new long[real.length * tokens];
    for (int row = 0; row < real.length; row++) {
      Arrays.fill(mask, row * tokens, row * tokens + real[row], 1);
    }
    return mask;
  }

  /** {@return as many numbers from the normal distribution} */
  static float[] noise(RandomGenerator random, int count) {
    float[] noise = new float[count];
    for (int i = 0; i < count; i++) {
      noise[i] = (float) random.nextGaussian();
    }
    return noise;
  }

  static float[] same(int rows, double time) {
    float[] times = new float[rows];
    Arrays.fill(times, (float) time);
    return times;
  }
}
