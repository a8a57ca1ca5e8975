package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
  private final Engine engine;
  private final boolean packed;

  private Attention(Builder builder) {
    this.packed = builder.queryLengths != null;
    this.shape = builder.shape;
    this.engine = new Engine(builder.provider, builder.workers, builder.problem());
    engine.schedule(builder.sequences());
  }

  /** A plan with default options. */
  public static Attention of(Mask mask, AttentionShape shape) {
    return builder(shape).mask(mask).build();
  }

  /** A plan with options. */
  public static Builder builder(AttentionShape shape) {
    return new Builder(shape);
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

  /** The options of a plan. */
  public static final class Builder {
    private final AttentionShape shape;
    private Mask mask = Mask.full();
    private @Nullable BoundMask bound;
    private int @Nullable [] queryLengths;
    private int @Nullable [] keyLengths;
    private Layout layout = Layout.HEADS_FIRST;
    private @Nullable Float scale;
    private float softcap;
    private float @Nullable [] alibi;
    private float @Nullable [] sinks;
    private @Nullable Workers workers;
    private @Nullable Provider provider;

    private Builder(AttentionShape shape) {
      this.shape = shape;
    }

    /** What may attend to what; without it every query attends to every key. */
    public Builder mask(Mask mask) {
      this.mask = mask;
      this.bound = null;
      return this;
    }

    /**
     * As {@link #mask(Mask)}, bound to sizes already.
     *
     * @throws IllegalArgumentException if its sizes are not {@code [B, Hq, Lq, Lk]}
     */
    public Builder mask(BoundMask mask) {
      MaskShape expected =
          new MaskShape(shape.batch(), shape.queryHeads(), shape.queries(), shape.keys());
      if (!mask.shape().equals(expected)) {
        throw new IllegalArgumentException(
            "the mask has shape " + mask.shape() + ", but the attention needs " + expected);
      }
      this.bound = mask;
      return this;
    }

    /**
     * Texts of various lengths one after the other, without padding between them: text s attends to
     * itself only, under batch row s of the mask, whose sizes are those of the text. The shape's
     * batch is 1, and its queries and keys are the totals. From cumulative lengths (cu_seqlens)
     * take the differences.
     *
     * @throws IllegalArgumentException if the lengths do not add up to the shape's
     */
    public Builder packed(int[] queryLengths, int[] keyLengths) {
      if (shape.batch() != 1 || queryLengths.length != keyLengths.length) {
        throw new IllegalArgumentException(
            "a packed batch has batch 1 and as many lengths of queries as of keys, but there are batch "
                + shape.batch()
                + ", "
                + queryLengths.length
                + " and "
                + keyLengths.length
                + " lengths");
      }
      total("queries", queryLengths, shape.queries());
      total("keys", keyLengths, shape.keys());
      this.queryLengths = queryLengths.clone();
      this.keyLengths = keyLengths.clone();
      return this;
    }

    /** As {@link #packed(int[], int[])}, as many queries as keys in every text. */
    public Builder packed(int... lengths) {
      return packed(lengths, lengths);
    }

    private static void total(String what, int[] lengths, int expected) {
      long total = 0;
      for (int length : lengths) {
        if (length < 0) {
          throw new IllegalArgumentException("a length must not be negative, but is " + length);
        }
        total += length;
      }
      if (total != expected) {
        throw new IllegalArgumentException(
            "the lengths of the "
                + what
                + " add up to "
                + total
                + ", but the shape has "
                + expected
                + " "
                + what);
      }
    }

    /** How the tensors lie; heads first unless told otherwise. */
    public Builder layout(Layout layout) {
      this.layout = layout;
      return this;
    }

    /** What products are multiplied by; {@code 1 / sqrt(D)} unless told otherwise. */
    public Builder scale(float scale) {
      if (!Float.isFinite(scale)) {
        throw new IllegalArgumentException("a scale must be finite, but is " + scale);
      }
      this.scale = scale;
      return this;
    }

    /**
     * Bounds scores softly, {@code cap * tanh(score / cap)}, before bias and mask (Gemma 2, 2024).
     *
     * @param cap positive; 0 for none
     */
    public Builder softcap(float cap) {
      if (!(cap >= 0) || cap == Float.POSITIVE_INFINITY) {
        throw new IllegalArgumentException("a softcap must be 0 or positive, but is " + cap);
      }
      this.softcap = cap;
      return this;
    }

    /**
     * Subtracts {@code slope * |i + Lk - Lq - j|} from the score of query i and key j (ALiBi, Press
     * et al. 2022; the last query stands beside the last key).
     *
     * @param slopes one for each query head
     */
    public Builder alibi(float... slopes) {
      this.alibi = perHead("ALiBi slopes", slopes);
      return this;
    }

    /**
     * A logit that takes part in each query's sum and in nothing else (gpt-oss, 2025).
     *
     * @param logits one for each query head
     */
    public Builder sinks(float... logits) {
      this.sinks = perHead("sinks", logits);
      return this;
    }

    private float[] perHead(String what, float[] values) {
      if (values.length != shape.queryHeads()) {
        throw new IllegalArgumentException(
            "there must be one of the "
                + what
                + " for each of the "
                + shape.queryHeads()
                + " query heads, but there are "
                + values.length);
      }
      return values.clone();
    }

    /** The threads to run on; only the caller's unless told otherwise. They are not closed here. */
    public Builder workers(Workers workers) {
      this.workers = workers;
      return this;
    }

    /** Which kernel to use; {@link Kernels#choice} unless told otherwise. */
    public Builder provider(Provider provider) {
      this.provider = provider;
      return this;
    }

    private Problem problem() {
      AttentionShape s = shape;
      return new Problem(
          s.queryHeads(),
          s.keyHeads(),
          s.headSize(),
          s.valueHeadSize(),
          Strides.of(layout, s.queryHeads(), s.queries(), s.headSize()),
          Strides.of(layout, s.keyHeads(), s.keys(), s.headSize()),
          Strides.of(layout, s.keyHeads(), s.keys(), s.valueHeadSize()),
          Strides.of(layout, s.queryHeads(), s.queries(), s.valueHeadSize()),
          s.queries(),
          scale == null ? (float) (1 / Math.sqrt(s.headSize())) : scale,
          softcap,
          alibi,
          sinks);
    }

    private List<Sequence> sequences() {
      if (queryLengths != null && keyLengths != null) {
        return texts(queryLengths, keyLengths);
      }
      AttentionShape s = shape;
      BoundMask over =
          bound != null
              ? bound
              : mask.over(new MaskShape(s.batch(), s.queryHeads(), s.queries(), s.keys()));
      List<Sequence> rows = new ArrayList<>();
      for (int b = 0; b < s.batch(); b++) {
        rows.add(
            new Sequence(
                over,
                b,
                0,
                s.queries(),
                s.keys(),
                b * (s.querySize() / s.batch()),
                b * (s.keySize() / s.batch()),
                b * (s.valueSize() / s.batch()),
                b * (s.outputSize() / s.batch()),
                b * s.queryHeads() * s.queries()));
      }
      return rows;
    }

    private List<Sequence> texts(int[] queryLengths, int[] keyLengths) {
      if (bound != null) {
        throw new IllegalArgumentException(
            "a packed batch needs a mask that is not bound to sizes yet, but it is "
                + bound
                + ": every text has its own");
      }
      Problem problem = problem();
      Map<MaskShape, BoundMask> masks = new HashMap<>();
      List<Sequence> texts = new ArrayList<>();
      int query = 0;
      int key = 0;
      for (int t = 0; t < queryLengths.length; t++) {
        int queries = queryLengths[t];
        int keys = keyLengths[t];
        MaskShape sizes = new MaskShape(queryLengths.length, shape.queryHeads(), queries, keys);
        if (queries > 0) {
          texts.add(
              new Sequence(
                  masks.computeIfAbsent(sizes, mask::over),
                  t,
                  0,
                  queries,
                  keys,
                  query * problem.query().token(),
                  key * problem.key().token(),
                  key * problem.value().token(),
                  query * problem.output().token(),
                  query));
        }
        query += queries;
        key += keys;
      }
      return texts;
    }

    /**
     * Compiles the mask and sets the working memory aside.
     *
     * @throws IllegalArgumentException if the provider cannot be had
     */
    public Attention build() {
      return new Attention(this);
    }
  }
}
