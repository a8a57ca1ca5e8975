package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Ints;

/** Checks of a kind's numbers that need no sizes. */
final class Checks {
  private Checks() {}

  /**
   * At least one number, none of them negative.
   *
   * @param what what one of them is, for the message
   */
  static void notNegative(String what, Ints values) {
    if (values.size() == 0) {
      throw new IllegalArgumentException("at least one " + what + " is needed");
    }
    if (values.min() < 0) {
      throw new IllegalArgumentException(
          "a " + what + " must not be negative, but one is " + values.min());
    }
  }

  /** A number of tokens as a length; more than 2^31 - 1 count as that many. */
  static int length(long tokens) {
    return (int) Math.min(Integer.MAX_VALUE, tokens);
  }
}
