package dev.sightline.audit.result;

import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a verdict rests on.
 *
 * @param difference the largest absolute difference of one output value between the two runs, or
 *     the largest share of attention for {@link Probe#PADDING_MASS}; NaN if a value was not finite
 * @param tolerance what was allowed
 * @param compared how many pairs of tokens (or pooled vectors) were compared
 * @param worst where the largest difference was seen; null if nothing differed
 * @param cosine the smallest cosine between a text's vector in the two runs (its mean over real
 *     tokens, or the model's pooled output): what the difference does to an embedding; empty where
 *     there is no such vector
 * @param control what the same change does where it must show; null if the probe needs none
 */
public record Evidence(
    double difference,
    Tolerance tolerance,
    long compared,
    @Nullable Place worst,
    OptionalDouble cosine,
    @Nullable Control control) {

  /**
   * The proof that a test could have failed.
   *
   * @param change what was done instead
   * @param difference the largest absolute difference it made
   */
  public record Control(String change, double difference) {}
}
