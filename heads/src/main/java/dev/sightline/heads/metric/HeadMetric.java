package dev.sightline.heads.metric;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;

/**
 * A number that an attention gives for every head and every query token, {@code [B, H, S]}. With p
 * the head's row of probabilities over the keys k of a query q, v the value of a key, z = p V what
 * the head reads, and W_O[h] the rows of the output projection that are the head's own.
 */
public enum HeadMetric {
  /** {@code ||z||}. */
  OUTPUT_NORM("output-norm", "", "length of what the head reads, ||z||", false, false),
  /** {@code ||z W_O[h]||}; no data where the slices do not rebuild the layer's output. */
  CONTRIBUTION_NORM(
      "contribution-norm",
      "",
      "length of what the head adds to the residual stream, ||z W_O[h]||",
      true,
      false),
  /**
   * {@code <z W_O[h], a> / <a, a>} with a the sum of all heads' contributions: since norms alone
   * can cancel. Costs as much as the output projection itself.
   */
  SIGNED_SHARE(
      "signed-share",
      "1",
      "share of the heads' sum that the head accounts for along it; the shares sum to 1",
      true,
      true),
  /**
   * {@code sum p ||v W_O[h]||}: what the head mixes before it cancels. At least the contribution
   * norm. Defined in: Kobayashi et al., Attention is Not Only a Weight, 2020.
   */
  VALUE_WEIGHTED(
      "value-weighted",
      "",
      "lengths of what the head mixes, weighted by attention, sum p ||v W_O[h]||",
      true,
      true),
  /** {@code -sum p ln p}, with 0 ln 0 = 0. */
  ENTROPY("entropy", "nats", "spread of the head's attention, -sum p ln p", false, false),
  /** {@code max p}. */
  MAX_PROB("max-prob", "1", "attention on the key that has most of it", false, false),
  /** {@code sum p |q - k|}, positions counting real tokens; self-attention only. */
  DISTANCE(
      "distance", "tokens", "how far the head looks, sum p |q - k| over real tokens", false, false),
  /** p of the first real key. */
  FIRST_TOKEN("first-token", "1", "attention on the first real token", false, false),
  /** p of all special tokens together; 0 where no tokenizer says which they are. */
  SPECIAL("special", "1", "attention on special tokens, such as [CLS] and [SEP]", false, false),
  /** p of the query's own token; self-attention only. */
  SELF("self", "1", "attention on the token itself", false, false),
  /** p of the real token before; self-attention only. */
  PREVIOUS("previous", "1", "attention on the real token before", false, false),
  /** p of all padded keys together. */
  PADDING("padding", "1", "attention on padding, which must be 0", false, false);

  /** The metrics that a run computes by default. Leaves out those that cost much time. */
  public static final Set<HeadMetric> STANDARD =
      Collections.unmodifiableSet(
          EnumSet.copyOf(Arrays.stream(values()).filter(metric -> !metric.optIn).toList()));

  private final String id;
  private final String unit;
  private final String description;
  private final boolean needsProjection;
  private final boolean optIn;

  HeadMetric(String id, String unit, String description, boolean needsProjection, boolean optIn) {
    this.id = id;
    this.unit = unit;
    this.description = description;
    this.needsProjection = needsProjection;
    this.optIn = optIn;
  }

  /** What users and files call it. */
  public String id() {
    return id;
  }

  /** As in {@code nats}; 1 for a share, empty for the model's own scale. */
  public String unit() {
    return unit;
  }

  /** One line for a table or a report. */
  public String description() {
    return description;
  }

  /** Whether it can be computed only where the output projection was identified. */
  public boolean needsProjection() {
    return needsProjection;
  }

  /** Whether it is defined for self-attention only. */
  public boolean isOfSelfAttention() {
    return this == DISTANCE || this == SELF || this == PREVIOUS;
  }

  /** Whether it is made from the context, not from the probabilities. */
  public boolean isOfContext() {
    return this == OUTPUT_NORM || this == CONTRIBUTION_NORM || this == SIGNED_SHARE;
  }
}
