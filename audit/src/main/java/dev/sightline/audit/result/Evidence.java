package dev.sightline.audit.result;

import org.jspecify.annotations.Nullable;

/**
 * What a verdict rests on.
 *
 * @param difference the largest absolute difference of one output value between the two runs, or
 *     the largest share of attention for {@link Probe#PADDING_MASS}; NaN if a value was not finite
 * @param limit the largest difference that is not a fault
 * @param compared how many pairs of tokens (or pooled vectors) were compared
 * @param worst where the largest difference was seen; null if nothing differed
 * @param effect how much it matters, in a number that people know; null where nothing was compared
 * @param control what the same change does where it must show; null if the probe needs none
 */
public record Evidence(
    double difference,
    Limit limit,
    long compared,
    @Nullable Place worst,
    @Nullable Effect effect,
    @Nullable Control control) {
  /** The same with the effect at another output. */
  public Evidence with(@Nullable Effect effect) {
    return new Evidence(difference, limit, compared, worst, effect, control);
  }

  /**
   * The proof that a test could have failed.
   *
   * @param change what was done instead
   * @param difference the largest absolute difference it made
   */
  public record Control(String change, double difference) {}
}
