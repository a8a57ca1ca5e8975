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
  /**
   * {@return the same evidence with the effect at another output}
   *
   * @param effect what the change means for the outputs; null if unknown
   */
  public Evidence with(@Nullable Effect effect) {
    return new Evidence(difference, limit, compared, worst, effect, control);
  }

  /**
   * The proof that a test could have failed.
   *
   * @param change what was changed
   * @param difference the largest absolute difference it made, in units of the model's output, or
   *     the share of attention for {@link Change#ATTENTION_ON_PADDING} and {@link
   *     Change#ALLOWED_KEY}
   */
  public record Control(Change change, double difference) {}

  /** What a control changes, where the change must show. */
  public enum Change {
    /** What the probe changes, under a mask of ones. */
    WITHOUT_MASK,
    /** Seven more tokens under a mask of ones. */
    LENGTH_WITHOUT_MASK,
    /** The same padding under a mask of ones. */
    PADDING_WITHOUT_MASK,
    /** Nothing; the share of attention on padding under a mask of ones. */
    ATTENTION_ON_PADDING,
    /** The mask, which allows all padding. */
    PADDING_UNMASKED,
    /** One token, for the tokens after it. */
    EARLIER_TOKEN,
    /** Keys and values of real tokens in the cache. */
    CACHE_OF_REAL_TOKENS,
    /** Nothing; the largest probability of an allowed key, in the attention of least. */
    ALLOWED_KEY,
    /** One token, for outputs that the declared masks give a path to it. */
    TOKEN_WITH_A_PATH
  }
}
