package dev.sightline.heads.metric;

import dev.sightline.tensor.internal.Quoted;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A metric of every attention head and every query token, {@code [B, H, S]}. In the formulas, p is
 * the head's row of attention probabilities over the keys k of a query q, v the value vector of a
 * key, z = p V the head's context vector, and W_O[h] the head's rows of the output projection.
 */
public enum HeadMetric {
  /** {@code ||z||}. */
  OUTPUT_NORM("output-norm", "", "norm of the head's context vector, ||z||", false, false),
  /** {@code ||z W_O[h]||}; no data where the slices do not rebuild the layer's output. */
  CONTRIBUTION_NORM(
      "contribution-norm",
      "",
      "norm of what the head adds to the residual stream, ||z W_O[h]||",
      true,
      false),
  /**
   * {@code <z W_O[h], a> / <a, a>} with a the sum of all heads' contributions. Norms alone ignore
   * that contributions can cancel. Costs as much as the output projection itself.
   */
  SIGNED_SHARE(
      "signed-share",
      "1",
      "share of the heads' sum that the head accounts for along it; the shares sum to 1",
      true,
      true),
  /**
   * {@code sum p ||v W_O[h]||}: the norms of the mixed values before they cancel. At least the
   * contribution norm. Defined in: Kobayashi et al., Attention is Not Only a Weight, 2020.
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
  MAX_PROB("max-prob", "1", "largest attention on one key", false, false),
  /** {@code sum p |q - k|}, positions counting real tokens; self-attention only. */
  DISTANCE(
      "distance",
      "tokens",
      "mean attention distance, sum p |q - k| over real tokens",
      false,
      false),
  /** p of the first real key. */
  FIRST_TOKEN("first-token", "1", "attention on the first real token", false, false),
  /** p of all special tokens together; no data without a tokenizer. */
  SPECIAL("special", "1", "attention on special tokens, such as [CLS] and [SEP]", false, false),
  /** p of the query's own token; self-attention only. */
  SELF("self", "1", "attention on the token itself", false, false),
  /** p of the previous real token; self-attention only. */
  PREVIOUS("previous", "1", "attention on the previous real token", false, false),
  /**
   * p of the keys that follow an earlier occurrence of the query's own token, over the queries that
   * have one; self-attention only. Defined in: Olsson et al., In-context Learning and Induction
   * Heads, 2022 (prefix matching).
   */
  INDUCTION(
      "induction",
      "1",
      "attention on what followed an earlier occurrence of the token",
      false,
      true),
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

  /**
   * Parses names as the command line has them.
   *
   * @param names {@code all}, or ids separated by commas
   * @return the metrics of these names
   * @throws IllegalArgumentException if there is no metric of a name
   */
  public static Set<HeadMetric> parse(String names) {
    if (names.equals("all")) {
      return EnumSet.allOf(HeadMetric.class);
    }
    Set<HeadMetric> chosen = EnumSet.noneOf(HeadMetric.class);
    for (String name : names.split(",", -1)) {
      chosen.add(named(name.strip()));
    }
    return chosen;
  }

  private static HeadMetric named(String name) {
    for (HeadMetric each : values()) {
      if (each.id.equals(name)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "there is no metric '"
            + Quoted.shortened(name)
            + "'; expected all, or some of "
            + Arrays.stream(values()).map(HeadMetric::id).collect(Collectors.joining(", ")));
  }

  /**
   * Returns the name on the command line and in files.
   *
   * @return such as {@code max-prob}
   */
  public String id() {
    return id;
  }

  /**
   * Returns the unit.
   *
   * @return such as {@code nats}; 1 for a share, empty for the model's own scale
   */
  public String unit() {
    return unit;
  }

  /**
   * Returns a description of one line.
   *
   * @return the description, without a full stop
   */
  public String description() {
    return description;
  }

  /**
   * Returns whether the metric needs the output projection of the layer.
   *
   * @return whether it needs W_O
   */
  public boolean needsProjection() {
    return needsProjection;
  }

  /**
   * Returns whether the metric is defined for self-attention only.
   *
   * @return whether cross-attention has no such metric
   */
  public boolean isOfSelfAttention() {
    return this == DISTANCE || this == SELF || this == PREVIOUS || this == INDUCTION;
  }

  /**
   * Returns whether the metric is computed from the context vector, not from the probabilities.
   *
   * @return whether it is made from z
   */
  public boolean isOfContext() {
    return this == OUTPUT_NORM || this == CONTRIBUTION_NORM || this == SIGNED_SHARE;
  }
}
