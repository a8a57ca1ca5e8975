package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Masked attention, {@code softmax(scale * Q K^T + bias, masked) V}, planned once for a mask and
 * sizes and then run as often as wanted. A masked pair contributes nothing, whatever its key or
 * value holds; a query that may attend to nothing gives zeros. Results do not depend on the number
 * of threads, nor on the other rows of the batch.
 *
 * <p>A plan holds the compiled mask and its working memory, so a run allocates nothing. It is for
 * one run at a time; two at once are refused. Give each thread its own plan.
 */
public final class Attention {
  private final AttentionShape shape;
  private final boolean packed;
  private final Engine engine;

  private Attention(
      AttentionShape shape,
      AttentionOptions options,
      Problem problem,
      List<Sequence> sequences,
      boolean packed) {
    this.shape = shape;
    this.packed = packed;
    this.engine = options.engine(problem);
    engine.schedule(sequences);
  }

  /** A plan with default options. */
  public static Attention of(Mask mask, AttentionShape shape) {
    return of(mask, shape, AttentionOptions.defaults());
  }

  /** A plan; the mask is bound to {@code [B, Hq, Lq, Lk]} of the shape. */
  public static Attention of(Mask mask, AttentionShape shape, AttentionOptions options) {
    return of(mask.over(maskShape(shape)), shape, options);
  }

  /**
   * A plan with a mask that is bound already.
   *
   * @throws IllegalArgumentException if its sizes are not {@code [B, Hq, Lq, Lk]} of the shape
   */
  public static Attention of(BoundMask mask, AttentionShape shape, AttentionOptions options) {
    if (!mask.shape().equals(maskShape(shape))) {
      throw new IllegalArgumentException(
          "the mask has shape " + mask.shape() + ", but the attention needs " + maskShape(shape));
    }
    List<Sequence> rows = new ArrayList<>();
    for (int b = 0; b < shape.batch(); b++) {
      rows.add(
          new Sequence(
              mask,
              b,
              0,
              shape.queries(),
              shape.keys(),
              b * (shape.querySize() / shape.batch()),
              b * (shape.keySize() / shape.batch()),
              b * (shape.valueSize() / shape.batch()),
              b * (shape.outputSize() / shape.batch()),
              b * shape.queryHeads() * shape.queries()));
    }
    Problem problem = options.problem(shape, shape.queries(), shape.keys());
    return new Attention(shape, options, problem, rows, false);
  }

  /**
   * A plan for texts of various lengths one after the other, without padding between them: text t
   * attends to itself only, under batch row t of the mask, whose sizes are those of the text. From
   * cumulative lengths (cu_seqlens) take the differences.
   *
   * @param shape batch 1, and the totals of queries and keys
   * @param queryLengths the queries of each text
   * @param keyLengths the keys of each text
   * @throws IllegalArgumentException if the lengths do not add up to the shape's
   */
  public static Attention packed(
      Mask mask,
      AttentionShape shape,
      int[] queryLengths,
      int[] keyLengths,
      AttentionOptions options) {
    Problem problem = options.problem(shape, shape.queries(), shape.keys());
    List<Sequence> texts = Packing.texts(mask, shape, queryLengths, keyLengths, problem);
    return new Attention(shape, options, problem, texts, true);
  }

  private static MaskShape maskShape(AttentionShape shape) {
    return new MaskShape(shape.batch(), shape.queryHeads(), shape.queries(), shape.keys());
  }

  /** The sizes. */
  public AttentionShape shape() {
    return shape;
  }

  /** Runs on float32 tensors; see {@link #run(AttentionCall)}. */
  public void run(float[] queries, float[] keys, float[] values, float[] output) {
    run(AttentionCall.of(queries, keys, values, output));
  }

  /**
   * Computes the output and whatever else the call asks for.
   *
   * @throws IllegalArgumentException if an array has not the size of its shape
   * @throws IllegalStateException if another run of this plan is going on
   */
  public void run(AttentionCall call) {
    check(call);
    engine.run(call);
  }

  private void check(AttentionCall call) {
    size("queries", call.queries.length(), shape.querySize());
    size("keys", call.keys.length(), shape.keySize());
    size("values", call.values.length(), shape.valueSize());
    size("output", call.output.length, shape.outputSize());
    if (call.logSumExp != null) {
      size(
          "log-sum-exp",
          call.logSumExp.length,
          shape.batch() * shape.queryHeads() * shape.queries());
    }
    FloatTensor bias = call.bias;
    if (bias != null) {
      if (packed) {
        throw new IllegalArgumentException("a packed batch takes no bias; use ALiBi, or pad it");
      }
      var b = bias.shape();
      if (b.rank() != 4
          || (b.dim(0) != 1 && b.dim(0) != shape.batch())
          || (b.dim(1) != 1 && b.dim(1) != shape.queryHeads())
          || (b.dim(2) != 1 && b.dim(2) != shape.queries())
          || b.dim(3) != shape.keys()) {
        throw new IllegalArgumentException(
            "a bias has shape [B or 1, Hq or 1, Lq or 1, Lk] = ["
                + shape.batch()
                + ", "
                + shape.queryHeads()
                + ", "
                + shape.queries()
                + ", "
                + shape.keys()
                + "], but this one has "
                + b);
      }
    }
  }

  private void size(String what, int is, int expected) {
    if (is != expected) {
      throw new IllegalArgumentException(
          "the "
              + what
              + " have "
              + is
              + " elements, but "
              + expected
              + " are expected for "
              + shape);
    }
  }
}
