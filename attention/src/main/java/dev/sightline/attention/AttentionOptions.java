package dev.sightline.attention;

import org.jspecify.annotations.Nullable;

/**
 * What may be said about an attention beyond its mask and sizes. Immutable: every method answers
 * options that differ in one thing.
 */
public final class AttentionOptions {
  private static final AttentionOptions DEFAULTS = new AttentionOptions();

  private Layout layout = Layout.HEADS_FIRST;
  private @Nullable Float scale;
  private float softcap;
  private float @Nullable [] alibi;
  private float @Nullable [] sinks;
  private @Nullable Workers workers;
  private @Nullable Provider provider;

  private AttentionOptions() {}

  /** Heads first, scale {@code 1 / sqrt(D)}, no extras, on the calling thread alone. */
  public static AttentionOptions defaults() {
    return DEFAULTS;
  }

  private AttentionOptions copy() {
    AttentionOptions copy = new AttentionOptions();
    copy.layout = layout;
    copy.scale = scale;
    copy.softcap = softcap;
    copy.alibi = alibi;
    copy.sinks = sinks;
    copy.workers = workers;
    copy.provider = provider;
    return copy;
  }

  /** How the tensors lie. */
  public AttentionOptions layout(Layout layout) {
    AttentionOptions copy = copy();
    copy.layout = layout;
    return copy;
  }

  /** What products are multiplied by. */
  public AttentionOptions scale(float scale) {
    if (!Float.isFinite(scale)) {
      throw new IllegalArgumentException("a scale must be finite, but is " + scale);
    }
    AttentionOptions copy = copy();
    copy.scale = scale;
    return copy;
  }

  /**
   * Bounds scores softly, {@code cap * tanh(score / cap)}, before bias and mask (Gemma 2, 2024).
   *
   * @param cap positive; 0 for none
   */
  public AttentionOptions softcap(float cap) {
    if (!(cap >= 0) || cap == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException("a softcap must be 0 or positive, but is " + cap);
    }
    AttentionOptions copy = copy();
    copy.softcap = cap;
    return copy;
  }

  /**
   * Subtracts {@code slope * |i + Lk - Lq - j|} from the score of query i and key j (ALiBi, Press
   * et al. 2022; the last query stands beside the last key).
   *
   * @param slopes one for each query head
   */
  public AttentionOptions alibi(float... slopes) {
    AttentionOptions copy = copy();
    copy.alibi = slopes.clone();
    return copy;
  }

  /**
   * Logits that take part in each query's sum and in nothing else (gpt-oss, 2025).
   *
   * @param logits one for each query head
   */
  public AttentionOptions sinks(float... logits) {
    AttentionOptions copy = copy();
    copy.sinks = logits.clone();
    return copy;
  }

  /** The threads to run on. Whoever made them closes them. */
  public AttentionOptions workers(Workers workers) {
    AttentionOptions copy = copy();
    copy.workers = workers;
    return copy;
  }

  /** Which kernel to use, rather than {@link Kernels#choice}. */
  public AttentionOptions provider(Provider provider) {
    AttentionOptions copy = copy();
    copy.provider = provider;
    return copy;
  }

  Layout layout() {
    return layout;
  }

  /** Only what says where to compute, not what. */
  AttentionOptions machine() {
    AttentionOptions machine = new AttentionOptions();
    machine.workers = workers;
    machine.provider = provider;
    return machine;
  }

  Engine engine(Problem problem) {
    return new Engine(provider, workers, problem);
  }

  /**
   * The problem of these options.
   *
   * @param queries tokens of a tensor of queries
   * @param keys tokens of a tensor of keys
   */
  Problem problem(AttentionShape s, int queries, int keys) {
    perHead("ALiBi slopes", alibi, s.queryHeads());
    perHead("sinks", sinks, s.queryHeads());
    return new Problem(
        s.queryHeads(),
        s.keyHeads(),
        s.headSize(),
        s.valueHeadSize(),
        Strides.of(layout, s.queryHeads(), queries, s.headSize()),
        Strides.of(layout, s.keyHeads(), keys, s.headSize()),
        Strides.of(layout, s.keyHeads(), keys, s.valueHeadSize()),
        Strides.of(layout, s.queryHeads(), queries, s.valueHeadSize()),
        queries,
        scale == null ? (float) (1 / Math.sqrt(s.headSize())) : scale,
        softcap,
        alibi,
        sinks);
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
