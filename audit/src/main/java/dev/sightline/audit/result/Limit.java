package dev.sightline.audit.result;

/**
 * The largest difference of two runs that is not a fault.
 *
 * @param value largest absolute difference, in units of the model's output; 0 where the runs must
 *     be equal to the bit, or must differ
 * @param origin where the number comes from
 */
public record Limit(double value, Origin origin) {
  /** Where a limit comes from. */
  public sealed interface Origin {}

  /** A limit of 0. */
  public enum Exact implements Origin {
    /** Two runs of equal shapes do the same arithmetic. */
    EQUAL_SHAPES,
    /** A masked key has a probability of exactly 0. */
    MASKED_KEY,
    /** A key that the declared mask forbids has a probability of exactly 0. */
    FORBIDDEN_KEY,
    /** Runs with other positions must differ. */
    OTHER_POSITIONS,
    /** Runs with another mask must differ. */
    OTHER_MASK
  }

  /**
   * Rounding of the model's type.
   *
   * @param steps how many rounding steps are allowed
   * @param magnitude the largest output value that they are taken at
   */
  public record Rounding(int steps, double magnitude) implements Origin {}

  /**
   * The noise floor of this session.
   *
   * @param times how many times the floor is allowed
   * @param floor the noise floor, in units of the model's output
   */
  public record Noise(int times, double floor) implements Origin {}
}
