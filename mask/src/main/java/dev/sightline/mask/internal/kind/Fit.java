package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Sizes;
import java.util.function.Supplier;

/**
 * Checks of a mask against the sizes it is bound to. Each throws an {@link
 * IllegalArgumentException} that begins with the mask's text.
 *
 * @param sizes the sizes
 * @param name the mask's text, cut for a message
 */
public record Fit(Sizes sizes, Supplier<String> name) {
  /** The mask describes one batch row, or each of the batch rows. */
  public void batchRows(int rows) {
    if (rows != 1 && rows != sizes.batch()) {
      throw error(
          " describes "
              + rows
              + " batch rows, but the mask has "
              + sizes.batch()
              + "; give one for each row, or one for all");
    }
  }

  /** The mask describes the tokens of one sequence, so that there are as many queries as keys. */
  public void oneSequence() {
    if (!sizes.square()) {
      throw error(
          " describes the tokens of one sequence, so there must be as many queries as keys,"
              + " but there are "
              + sizes.queries()
              + " queries and "
              + sizes.keys()
              + " keys; key-padding and query-padding describe one side");
    }
  }

  /** The mask describes exactly the tokens of one sequence. */
  public void tokens(long described) {
    oneSequence();
    describes(described, sizes.keys());
  }

  /** The mask describes exactly the tokens that there are. */
  public void describes(long described, int tokens) {
    if (described != tokens) {
      throw error(" describes " + described + " tokens, but there are " + tokens);
    }
  }

  /** A value of the mask is at most a limit. */
  public void atMost(String what, long value, int limit, String unit) {
    if (value > limit) {
      throw error(
          ": " + what + " " + value + " is beyond the " + limit + " " + unit + " of the mask");
    }
  }

  /** The exception for anything else that does not fit. */
  public IllegalArgumentException error(String message) {
    return new IllegalArgumentException(name.get() + message);
  }
}
