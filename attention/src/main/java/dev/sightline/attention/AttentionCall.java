package dev.sightline.attention;

import dev.sightline.tensor.FloatTensor;
import org.jspecify.annotations.Nullable;

/**
 * The tensors of one run. Immutable, wraps its arrays; make it once and run it as often as the
 * contents of the arrays change.
 */
public final class AttentionCall {
  final Elements queries;
  final Elements keys;
  final Elements values;
  final float[] output;
  final @Nullable FloatTensor bias;
  final float @Nullable [] logSumExp;
  final @Nullable TileObserver probabilities;
  final @Nullable TileObserver scores;

  private AttentionCall(
      Elements queries,
      Elements keys,
      Elements values,
      float[] output,
      @Nullable FloatTensor bias,
      float @Nullable [] logSumExp,
      @Nullable TileObserver probabilities,
      @Nullable TileObserver scores) {
    this.queries = queries;
    this.keys = keys;
    this.values = values;
    this.output = output;
    this.bias = bias;
    this.logSumExp = logSumExp;
    this.probabilities = probabilities;
    this.scores = scores;
  }

  /** Queries, keys and values in, output out. */
  public static AttentionCall of(Elements queries, Elements keys, Elements values, float[] output) {
    return new AttentionCall(queries, keys, values, output, null, null, null, null);
  }

  /** As {@link #of(Elements, Elements, Elements, float[])}, all float32. */
  public static AttentionCall of(float[] queries, float[] keys, float[] values, float[] output) {
    return of(Elements.of(queries), Elements.of(keys), Elements.of(values), output);
  }

  /**
   * Adds a bias to every score, after scale and softcap. Where it is minus infinity the pair is
   * masked.
   *
   * @param bias {@code [B, Hq, Lq, Lk]}; each of the first three may be 1
   */
  public AttentionCall withBias(FloatTensor bias) {
    return new AttentionCall(queries, keys, values, output, bias, logSumExp, probabilities, scores);
  }

  /**
   * Also writes the natural logarithm of each query's sum of exponentials, minus infinity where it
   * may attend to nothing. A sink takes part in the sum.
   *
   * @param logSumExp {@code [B, Hq, Lq]}, or {@code [Hq, T]} of a packed batch
   */
  public AttentionCall withLogSumExp(float[] logSumExp) {
    return new AttentionCall(queries, keys, values, output, bias, logSumExp, probabilities, scores);
  }

  /** Also shows the probabilities. They are computed a second time: half again of the work. */
  public AttentionCall withProbabilities(TileObserver observer) {
    return new AttentionCall(queries, keys, values, output, bias, logSumExp, observer, scores);
  }

  /** Also shows the scores, after scale, softcap, bias and ALiBi, but not masked. */
  public AttentionCall withScores(TileObserver observer) {
    return new AttentionCall(
        queries, keys, values, output, bias, logSumExp, probabilities, observer);
  }
}
