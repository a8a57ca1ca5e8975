package dev.sightline.attention;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.tensor.FloatTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
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
  static final int TILE_KEYS = 128;
  private static final int QUERIES_AT_ONCE = 64;

  private final AttentionShape shape;
  private final Problem problem;
  private final Schedule schedule;
  private final Workers workers;
  private final BlockRunner[] runners;
  private final AtomicBoolean busy = new AtomicBoolean();
  private final AtomicInteger next = new AtomicInteger();
  private final Workers.Job job = this::work;
  private @Nullable AttentionCall call;

  private Attention(Builder builder) {
    this.shape = builder.shape;
    Kernel kernel = builder.provider == null ? Kernels.kernel() : Kernels.of(builder.provider);
    AttentionShape s = shape;
    this.problem =
        new Problem(
            s.queryHeads(),
            s.keyHeads(),
            s.headSize(),
            s.valueHeadSize(),
            Strides.of(builder.layout, s.queryHeads(), s.queries(), s.headSize()),
            Strides.of(builder.layout, s.keyHeads(), s.keys(), s.headSize()),
            Strides.of(builder.layout, s.keyHeads(), s.keys(), s.valueHeadSize()),
            Strides.of(builder.layout, s.queryHeads(), s.queries(), s.valueHeadSize()),
            s.queries(),
            builder.scale == null ? (float) (1 / Math.sqrt(s.headSize())) : builder.scale,
            builder.softcap,
            builder.alibi,
            builder.sinks);
    List<Sequence> sequences = new ArrayList<>();
    for (int b = 0; b < s.batch(); b++) {
      sequences.add(
          new Sequence(
              builder.mask,
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
    int atOnce = Math.max(1, QUERIES_AT_ONCE / kernel.width());
    this.schedule = Schedule.of(sequences, s.queryHeads(), kernel.width(), TILE_KEYS, atOnce);
    this.workers = builder.workers == null ? new Workers(1) : builder.workers;
    this.runners = new BlockRunner[workers.threads()];
    for (int w = 0; w < runners.length; w++) {
      runners[w] = new BlockRunner(kernel, problem, TILE_KEYS, atOnce);
    }
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
    if (!busy.compareAndSet(false, true)) {
      throw new IllegalStateException(
          "this plan is running already; a plan is for one run at a time, make one for each thread");
    }
    try {
      this.call = call;
      next.set(0);
      workers.run(job);
    } finally {
      this.call = null;
      busy.set(false);
    }
  }

  private void work(int worker) {
    AttentionCall mine = java.util.Objects.requireNonNull(call);
    for (int i = next.getAndIncrement(); i < schedule.items(); i = next.getAndIncrement()) {
      int s = schedule.sequence[i];
      runners[worker].run(
          mine,
          schedule.sequences.get(s),
          schedule.mask[i],
          s,
          schedule.head[i],
          schedule.firstBlock[i],
          schedule.endBlock[i]);
    }
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
    private BoundMask mask;
    private Layout layout = Layout.HEADS_FIRST;
    private @Nullable Float scale;
    private float softcap;
    private float @Nullable [] alibi;
    private float @Nullable [] sinks;
    private @Nullable Workers workers;
    private @Nullable Provider provider;

    private Builder(AttentionShape shape) {
      this.shape = shape;
      this.mask = Mask.full().over(maskShape());
    }

    private MaskShape maskShape() {
      return new MaskShape(shape.batch(), shape.queryHeads(), shape.queries(), shape.keys());
    }

    /** What may attend to what; without it every query attends to every key. */
    public Builder mask(Mask mask) {
      return mask(mask.over(maskShape()));
    }

    /**
     * As {@link #mask(Mask)}, bound to sizes already.
     *
     * @throws IllegalArgumentException if its sizes are not {@code [B, Hq, Lq, Lk]}
     */
    public Builder mask(BoundMask mask) {
      if (!mask.shape().equals(maskShape())) {
        throw new IllegalArgumentException(
            "the mask has shape " + mask.shape() + ", but the attention needs " + maskShape());
      }
      this.mask = mask;
      return this;
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
