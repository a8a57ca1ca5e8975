package dev.sightline.audit.result;

import dev.sightline.audit.result.Verdict.Outcome;
import java.io.Serializable;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * How much a text may differ between a run alone and a run in a batch, and what follows if it
 * differs more. An audit derives it from its samples; further texts of the same model are judged by
 * it without another audit.
 *
 * <p>Two limits, both measured or derived: <b>rounding</b> is 64 rounding steps of the model's type
 * at the largest output value, <b>noise</b> three times the noise floor of a model that quantises
 * at run time.
 *
 * @param epsilon the rounding step of the model's type at 1
 * @param magnitude the largest output value, at least 1 for float32 and wider
 * @param floor the noise floor, in units of the model's output
 * @param quantizes whether the model quantises tensors at run time by their largest value
 * @param exceeded what follows from a difference above the limit
 * @param withinNoise whether a difference between rounding and the limit is no fault; it is one if
 *     an attention attends to padding
 * @param never why the question is not asked of this model; null if it is
 */
public record BatchRule(
    double epsilon,
    double magnitude,
    double floor,
    boolean quantizes,
    Outcome exceeded,
    boolean withinNoise,
    @Nullable Outcome never)
    implements Serializable {
  /** Rounding steps that are allowed. */
  public static final int ROUNDING_STEPS = 64;

  /** How many times the noise floor is allowed. */
  public static final int FLOORS = 3;

  /** A lower cosine of two embeddings is no rounding, whatever the limit. */
  public static final double LEAST_COSINE = 0.9;

  /** {@return the largest difference that is rounding} */
  public double rounding() {
    return ROUNDING_STEPS * epsilon * magnitude;
  }

  /** {@return the largest difference that is no fault: rounding or noise, whichever is more} */
  public double limit() {
    return quantizes ? Math.max(rounding(), FLOORS * floor) : rounding();
  }

  /**
   * {@return the same rule after more texts were seen}
   *
   * @param otherMagnitude the largest output value of theirs
   * @param otherFloor their noise floor
   */
  public BatchRule widened(double otherMagnitude, double otherFloor) {
    return new BatchRule(
        epsilon,
        Math.max(magnitude, otherMagnitude),
        Math.max(floor, otherFloor),
        quantizes,
        exceeded,
        withinNoise,
        never);
  }

  /**
   * {@return the verdict on a difference}
   *
   * @param difference the largest absolute difference of an output value; NaN if one is not finite
   * @param cosine the lowest cosine of the two embeddings; empty if there is none
   */
  public Outcome outcome(double difference, OptionalDouble cosine) {
    if (never != null) {
      return never;
    }
    if (difference <= rounding()) {
      return Outcome.PASS;
    }
    boolean isNoise = difference <= limit() && cosine.orElse(1) >= LEAST_COSINE;
    return withinNoise && isNoise ? Outcome.ROUNDING : exceeded;
  }
}
