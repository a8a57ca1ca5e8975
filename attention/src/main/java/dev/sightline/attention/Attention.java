package dev.sightline.attention;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.Kernels;
import dev.sightline.attention.internal.plan.Problem;
import dev.sightline.attention.internal.plan.Sequence;
import dev.sightline.attention.internal.plan.Strides;
import dev.sightline.attention.internal.plan.WorkerThreads;
import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Masked attention, {@code softmax(scale * Q K^T + bias, masked) V}, under one mask. A masked pair
 * contributes nothing, whatever its key or value holds; a query that may attend to nothing gives
 * zeros. Results do not depend on the number of threads, nor on the other rows of the batch.
 *
 * <pre>{@code
 * FloatTensor out = Attention.under(Mask.parse("causal & window(63,0)")).run(q, k, v);
 * }</pre>
 *
 * <p>Immutable: each option returns a new object that differs in that option. Without options the
 * heads come first, the scale is {@code 1 / sqrt(D)}, and the calling thread computes alone.
 */
public final class Attention {
  private final Mask mask;
  private Layout layout = Layout.HEADS_FIRST;
  private @Nullable Float scale;
  private float softcap;
  private float @Nullable [] alibi;
  private float @Nullable [] sinks;
  private int threads = 1;
  private @Nullable Workers workers;
  private @Nullable Provider provider;

  private Attention(Mask mask) {
    this.mask = mask;
  }

  /**
   * Starts with the mask.
   *
   * @param mask which query may attend to which key; bound to {@code [B, Hq, Lq, Lk]} when a plan
   *     is made
   * @return attention with default options
   */
  public static Attention under(Mask mask) {
    return new Attention(mask);
  }

  private Attention copy() {
    Attention copy = new Attention(mask);
    copy.layout = layout;
    copy.scale = scale;
    copy.softcap = softcap;
    copy.alibi = alibi;
    copy.sinks = sinks;
    copy.threads = threads;
    copy.workers = workers;
    copy.provider = provider;
    return copy;
  }

  /**
   * Sets the order of the axes of all tensors.
   *
   * @param layout the order
   * @return this attention with that layout
   */
  public Attention layout(Layout layout) {
    Attention copy = copy();
    copy.layout = layout;
    return copy;
  }

  /**
   * Sets the factor of the products {@code Q K^T}.
   *
   * @param scale the factor
   * @return this attention with that scale
   * @throws IllegalArgumentException if the scale is infinite or NaN
   */
  public Attention scale(float scale) {
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException("a scale must be finite, but is " + scale);
    }
    Attention copy = copy();
    copy.scale = scale;
    return copy;
  }

  /**
   * Limits scores smoothly, {@code cap * tanh(score / cap)}, before bias and mask (Gemma 2, 2024).
   *
   * @param cap the limit, positive; 0 for none
   * @return this attention with that softcap
   * @throws IllegalArgumentException if the cap is negative, infinite or NaN
   */
  public Attention softcap(float cap) {
    if (!(cap >= 0) || cap == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("a softcap must be 0 or positive, but is " + cap);
    }
    Attention copy = copy();
    copy.softcap = cap;
    return copy;
  }

  /**
   * Subtracts {@code slope * |i + Lk - Lq - j|} from the score of query i and key j (ALiBi, Press
   * et al. 2022). The last query has the position of the last key.
   *
   * @param slopes one for each query head
   * @return this attention with those slopes
   * @throws IllegalArgumentException if a slope is infinite or NaN
   */
  public Attention alibi(float... slopes) {
    for (float slope : slopes) {
      if (!Float.isFinite(slope)) {
        throw new IllegalArgumentException("an ALiBi slope must be finite, but one is " + slope);
      }
    }
    Attention copy = copy();
    copy.alibi = slopes.clone();
    return copy;
  }

  /**
   * Adds attention sinks: logits that take part in each query's sum and in nothing else (gpt-oss,
   * 2025).
   *
   * @param logits one for each query head; minus infinity for none
   * @return this attention with those sinks
   * @throws IllegalArgumentException if a logit is NaN or infinity
   */
  public Attention sinks(float... logits) {
    for (float logit : logits) {
      if (!(logit < Float.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException(
            "a sink must be finite, or minus infinity, but one is " + logit);
      }
    }
    Attention copy = copy();
    copy.sinks = logits.clone();
    return copy;
  }

  /**
   * Sets how many threads compute. A plan or cache starts its own threads and ends them when it is
   * closed. This replaces {@link #workers}.
   *
   * @param threads the number of threads, the caller's among them, 1 to 1024
   * @return this attention with that number of threads
   * @throws IllegalArgumentException if the number is out of range
   */
  public Attention threads(int threads) {
    WorkerThreads.check(threads);
    Attention copy = copy();
    copy.threads = threads;
    copy.workers = null;
    return copy;
  }

  /**
   * Sets the threads that compute, which several plans may share. The caller closes them. This
   * replaces {@link #threads}.
   *
   * @param workers the threads
   * @return this attention with those threads
   */
  public Attention workers(Workers workers) {
    Attention copy = copy();
    copy.workers = workers;
    return copy;
  }

  /**
   * Chooses the kernel, instead of {@link Provider#preferred}.
   *
   * @param provider the kernel
   * @return this attention with that kernel
   */
  public Attention provider(Provider provider) {
    Attention copy = copy();
    copy.provider = provider;
    return copy;
  }

  /**
   * Computes the output once. For the same sizes again and again, make a {@link #plan} and keep it.
   *
   * @param queries {@code [B, Hq, Lq, D]}, or {@code [B, Lq, Hq, D]} where tokens come first
   * @param keys {@code [B, Hkv, Lk, D]}, or {@code [B, Lk, Hkv, D]}
   * @param values {@code [B, Hkv, Lk, Dv]}, or {@code [B, Lk, Hkv, Dv]}
   * @return {@code [B, Hq, Lq, Dv]}, or {@code [B, Lq, Hq, Dv]}
   * @throws IllegalArgumentException if the shapes do not fit each other, the mask or the options
   */
  public FloatTensor run(FloatTensor queries, FloatTensor keys, FloatTensor values) {
    AttentionShape shape = layout.shape(queries.shape(), keys.shape(), values.shape());
    FloatTensor output =
        FloatTensor.of(
            layout.axes(shape.batch(), shape.queryHeads(), shape.queries(), shape.valueHeadSize()),
            new float[shape.outputSize()]);
    try (AttentionPlan plan = plan(shape)) {
      plan.run(queries.data(), keys.data(), values.data(), output.data());
    }
    return output;
  }

  /**
   * Computes the gradients of a number, such as a loss, from its gradient with respect to the
   * output. The forward pass is run again; a {@link #plan} can keep its results instead, see {@link
   * AttentionPlan#gradients}.
   *
   * @param queries {@code [B, Hq, Lq, D]}, or {@code [B, Lq, Hq, D]} where tokens come first
   * @param keys {@code [B, Hkv, Lk, D]}, or {@code [B, Lk, Hkv, D]}
   * @param values {@code [B, Hkv, Lk, Dv]}, or {@code [B, Lk, Hkv, Dv]}
   * @param outputGradient {@code [B, Hq, Lq, Dv]}, or {@code [B, Lq, Hq, Dv]}
   * @return the gradients with respect to queries, keys and values
   * @throws IllegalArgumentException if the shapes do not fit each other, the mask or the options,
   *     or there are sinks, whose gradient is not computed
   */
  public Gradients gradients(
      FloatTensor queries, FloatTensor keys, FloatTensor values, FloatTensor outputGradient) {
    AttentionShape shape = layout.shape(queries.shape(), keys.shape(), values.shape());
    Shape expected =
        layout.axes(shape.batch(), shape.queryHeads(), shape.queries(), shape.valueHeadSize());
    if (!outputGradient.shape().equals(expected)) {
      throw new IllegalArgumentException(
          "the gradient of the output has the shape of the output, "
              + expected
              + ", but this one has "
              + outputGradient.shape());
    }
    float[] dq = new float[shape.querySize()];
    float[] dk = new float[shape.keySize()];
    float[] dv = new float[shape.valueSize()];
    try (AttentionPlan plan = plan(shape)) {
      float[] sums = new float[shape.batch() * shape.queryHeads() * shape.queries()];
      float[] output = new float[shape.outputSize()];
      AttentionCall call =
          AttentionCall.of(queries.data(), keys.data(), values.data(), output).withLogSumExp(sums);
      plan.run(call);
      plan.gradients(call, outputGradient.data(), dq, dk, dv);
    }
    return new Gradients(
        FloatTensor.of(queries.shape(), dq),
        FloatTensor.of(keys.shape(), dk),
        FloatTensor.of(values.shape(), dv));
  }

  /**
   * Compiles the mask for some sizes.
   *
   * @param shape the sizes
   * @return a plan, which its caller closes
   * @throws IllegalArgumentException if the mask or an option does not fit the sizes
   */
  public AttentionPlan plan(AttentionShape shape) {
    BoundMask bound = mask.over(shape.maskShape());
    List<Sequence> rows = new ArrayList<>();
    for (int b = 0; b < shape.batch(); b++) {
      rows.add(
          new Sequence(
              bound,
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
    Problem problem = problem(shape, shape.queries(), shape.keys());
    return plan(shape, problem, rows, false);
  }

  /**
   * Compiles the mask for texts of various lengths in one tensor, without padding between them.
   * Text t attends to itself only, under batch row t of the mask, whose sizes are those of the
   * text. Lengths are the differences of cumulative lengths (cu_seqlens).
   *
   * @param shape batch 1, and the total numbers of queries and keys
   * @param queryLengths the number of queries of each text
   * @param keyLengths the number of keys of each text
   * @return a plan, which its caller closes
   * @throws IllegalArgumentException if the lengths do not add up to the shape's, or the mask or an
   *     option does not fit the sizes
   */
  public AttentionPlan packed(AttentionShape shape, int[] queryLengths, int[] keyLengths) {
    Problem problem = problem(shape, shape.queries(), shape.keys());
    List<Sequence> texts = Packing.texts(mask, shape, queryLengths, keyLengths, problem);
    return plan(shape, problem, texts, true);
  }

  private AttentionPlan plan(
      AttentionShape shape, Problem problem, List<Sequence> sequences, boolean packed) {
    Kernel kernel = kernel();
    return AttentionPlan.of(
        shape, kernel, problem, sequences, packed, openThreads(), workers == null);
  }

  /**
   * Makes an empty cache of keys and values for texts that are being generated.
   *
   * @param longest the sizes of the longest text, with as many queries as keys; the mask is that of
   *     this whole text
   * @return a cache, which its caller closes
   * @throws IllegalArgumentException if the sizes have not as many queries as keys, the layout is
   *     not {@link Layout#HEADS_FIRST}, or the mask or an option does not fit the sizes
   */
  public KeyValueCache cache(AttentionShape longest) {
    if (longest.queries() != longest.keys()) {
      throw new IllegalArgumentException(
          "a cache is for texts of one length, as many queries as keys, but the shape is "
              + longest);
    }
    if (layout != Layout.HEADS_FIRST) {
      throw new IllegalArgumentException(
          "a cache takes tensors with heads first, but the layout given is " + layout);
    }
    Problem problem = problem(longest, longest.queries(), longest.keys());
    BoundMask bound = mask.over(longest.maskShape());
    Kernel kernel = kernel();
    return new KeyValueCache(longest, kernel, problem, bound, openThreads(), workers == null);
  }

  private Kernel kernel() {
    return provider == null ? Kernels.chosen().kernel() : provider.kernel();
  }

  /** The shared threads, or new ones. */
  private WorkerThreads openThreads() {
    return workers == null ? new WorkerThreads(threads) : workers.threads;
  }

  /**
   * The sizes and options as the kernels' loops need them.
   *
   * @param queries the number of tokens for which a tensor of queries has room
   * @param keys the number of tokens for which a tensor of keys has room
   */
  private Problem problem(AttentionShape s, int queries, int keys) {
    perHead("ALiBi slopes", alibi, s.queryHeads());
    perHead("sinks", sinks, s.queryHeads());
    return new Problem(
        s.queryHeads(),
        s.keyHeads(),
        s.headSize(),
        s.valueHeadSize(),
        strides(s.queryHeads(), queries, s.headSize()),
        strides(s.keyHeads(), keys, s.headSize()),
        strides(s.keyHeads(), keys, s.valueHeadSize()),
        strides(s.queryHeads(), queries, s.valueHeadSize()),
        queries,
        scale == null ? (float) (1 / Math.sqrt(s.headSize())) : scale,
        softcap,
        alibi,
        sinks);
  }

  private Strides strides(int heads, int tokens, int size) {
    return switch (layout) {
      case HEADS_FIRST -> Strides.headsFirst(tokens, size);
      case TOKENS_FIRST -> Strides.tokensFirst(heads, size);
    };
  }

  private static void perHead(String what, float @Nullable [] values, int heads) {
    if (values != null && values.length != heads) {
      throw new IllegalArgumentException(
          "there must be one of the "
              + what
              + " for each of the "
              + heads
              + " query heads, but there are "
              + values.length);
    }
  }
}
