package dev.sightline.attention;

import dev.sightline.attention.internal.plan.Call;
import dev.sightline.attention.internal.plan.Elements;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;

/**
 * The tensors of one run of a plan. Immutable. It wraps its arrays: make it once, change the
 * contents of the arrays and run it again.
 */
public final class AttentionCall {
  final Call tensors;

  private AttentionCall(Call tensors) {
    this.tensors = tensors;
  }

  private static AttentionCall of(
      Elements queries, Elements keys, Elements values, float[] output) {
    return new AttentionCall(new Call(queries, keys, values, output, null, null, null, null));
  }

  /**
   * Wraps float32 tensors, in the layout of the plan.
   *
   * @param queries {@code [B, Hq, Lq, D]}
   * @param keys {@code [B, Hkv, Lk, D]}
   * @param values {@code [B, Hkv, Lk, Dv]}
   * @param output {@code [B, Hq, Lq, Dv]}, overwritten by a run
   * @return a call that asks for the output alone
   */
  public static AttentionCall of(float[] queries, float[] keys, float[] values, float[] output) {
    return of(Elements.of(queries), Elements.of(keys), Elements.of(values), output);
  }

  /**
   * Wraps the bits of 16-bit tensors, in the layout of the plan. They are converted to float32 tile
   * by tile.
   *
   * @param queries {@code [B, Hq, Lq, D]}
   * @param keys {@code [B, Hkv, Lk, D]}
   * @param values {@code [B, Hkv, Lk, Dv]}
   * @param type {@link ElementType#FLOAT16} or {@link ElementType#BFLOAT16}
   * @param output {@code [B, Hq, Lq, Dv]}, overwritten by a run
   * @return a call that asks for the output alone
   * @throws IllegalArgumentException if the type is another one
   */
  public static AttentionCall of(
      short[] queries, short[] keys, short[] values, ElementType type, float[] output) {
    return of(
        Elements.of(queries, type), Elements.of(keys, type), Elements.of(values, type), output);
  }

  /**
   * Takes tensors as a file stores them, in the layout of the plan. The bits of float16 and
   * bfloat16 are copied, any other type is converted to float32; a float32 tensor that was read
   * from a file is not copied.
   *
   * @param queries {@code [B, Hq, Lq, D]}
   * @param keys {@code [B, Hkv, Lk, D]}
   * @param values {@code [B, Hkv, Lk, Dv]}
   * @param output {@code [B, Hq, Lq, Dv]}, overwritten by a run
   * @return a call that asks for the output alone
   */
  public static AttentionCall of(
      RawTensor queries, RawTensor keys, RawTensor values, float[] output) {
    return of(Elements.of(queries), Elements.of(keys), Elements.of(values), output);
  }

  /**
   * Adds a bias to every score, after scale and softcap. Minus infinity masks the pair.
   *
   * @param bias {@code [B, Hq, Lq, Lk]}; each of the first three may be 1
   * @return this call with a bias
   */
  public AttentionCall withBias(FloatTensor bias) {
    return new AttentionCall(
        new Call(
            tensors.queries(),
            tensors.keys(),
            tensors.values(),
            tensors.output(),
            bias,
            tensors.logSumExp(),
            tensors.probabilities(),
            tensors.scores()));
  }

  /**
   * Also writes the natural logarithm of each query's sum of exponentials, minus infinity where the
   * query may attend to nothing. A sink takes part in the sum.
   *
   * @param logSumExp {@code [B, Hq, Lq]}, or {@code [Hq, T]} of a packed batch; overwritten by a
   *     run
   * @return this call with that output
   */
  public AttentionCall withLogSumExp(float[] logSumExp) {
    return new AttentionCall(
        new Call(
            tensors.queries(),
            tensors.keys(),
            tensors.values(),
            tensors.output(),
            tensors.bias(),
            logSumExp,
            tensors.probabilities(),
            tensors.scores()));
  }

  /**
   * Also shows the probabilities. They are computed a second time, which adds half of the work.
   *
   * @param observer receives them during a run
   * @return this call with that observer
   */
  public AttentionCall withProbabilities(TileObserver observer) {
    return new AttentionCall(
        new Call(
            tensors.queries(),
            tensors.keys(),
            tensors.values(),
            tensors.output(),
            tensors.bias(),
            tensors.logSumExp(),
            observer::tile,
            tensors.scores()));
  }

  /**
   * Also shows the scores, after scale, softcap, bias and ALiBi, but not masked.
   *
   * @param observer receives them during a run
   * @return this call with that observer
   */
  public AttentionCall withScores(TileObserver observer) {
    return new AttentionCall(
        new Call(
            tensors.queries(),
            tensors.keys(),
            tensors.values(),
            tensors.output(),
            tensors.bias(),
            tensors.logSumExp(),
            tensors.probabilities(),
            observer::tile));
  }
}
