package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Limit.Exact;
import dev.sightline.audit.result.Limit.Noise;
import dev.sightline.audit.result.Limit.Rounding;
import dev.sightline.audit.result.Verdict.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * How much may change. Two limits, both measured or derived, none guessed:
 *
 * <ul>
 *   <li><b>rounding</b>: 64 rounding steps of the model's type at the largest output value.
 *       Reordered float32 sums of a 12-layer encoder stay below a tenth of it.
 *   <li><b>noise</b>: three times the noise floor measured in this session. Over 32 runs of two
 *       int8 encoders with other seeds and texts, an intact mask changed outputs by up to 1.8
 *       floors.
 * </ul>
 */
final class Limits {
  private static final double FLOAT32_EPSILON = 0x1p-23;

  /** As if a difference above the limit were a fault. */
  private final BatchRule rule;

  /** 64 rounding steps. */
  final double rounding;

  /** Rounding or noise, whichever is more. */
  final double limit;

  Limits(Observations seen) {
    double largest = Math.max(seen.rows().noise.magnitude(), seen.rows().neighbour.magnitude());
    // Values within a layer are of order 1; next to what float32 rounds there, 1 is no allowance.
    double magnitude =
        seen.epsilon() <= FLOAT32_EPSILON ? Math.max(1, largest) : largest > 0 ? largest : 1;
    rule =
        new BatchRule(
            seen.epsilon(),
            magnitude,
            seen.rows().noise.largest(),
            seen.model().quantizesDynamically(),
            Outcome.FAIL,
            true,
            null);
    rounding = rule.rounding();
    limit = rule.limit();
  }

  /**
   * Returns how texts in a batch are judged.
   *
   * @param exceeded what follows from a difference above the limit
   * @param withinNoise whether a difference between rounding and the limit is no fault
   * @param never why the question is not asked; null if it is
   */
  BatchRule rule(Outcome exceeded, boolean withinNoise, @Nullable Outcome never) {
    return new BatchRule(
        rule.epsilon(),
        rule.magnitude(),
        rule.floor(),
        rule.quantizes(),
        exceeded,
        withinNoise,
        never);
  }

  /**
   * What may change between runs of equal shape: nothing, unless the model quantises at run time.
   * The noise floor is no excuse for other models, since rows that see each other raise it
   * themselves.
   */
  double betweenEqualShapes() {
    return quantizes() ? limit : 0;
  }

  /** Whether a difference is within a limit, and leaves embeddings where they point. */
  boolean allows(Difference difference, double limit) {
    return difference.largest() <= limit && difference.cosine().orElse(1) >= BatchRule.LEAST_COSINE;
  }

  boolean quantizes() {
    return rule.quantizes();
  }

  /** Why a difference within the limit is no fault. */
  Kind source(Difference difference) {
    return difference.largest() <= rounding
        ? Kind.ROUNDING
        : quantizes() ? Kind.QUANTISATION : Kind.NOISE;
  }

  Limit exact() {
    return new Limit(0, Exact.EQUAL_SHAPES);
  }

  Limit of(double allowed) {
    if (allowed == 0) {
      return exact();
    }
    return allowed > rounding
        ? new Limit(limit, new Noise(BatchRule.FLOORS, rule.floor()))
        : new Limit(rounding, new Rounding(BatchRule.ROUNDING_STEPS, rule.magnitude()));
  }

  static Evidence evidence(Difference d, Limit limit, @Nullable Control control) {
    return new Evidence(d.largest(), limit, d.compared(), d.worst(), d.effect(), control);
  }
}
