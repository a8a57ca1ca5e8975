package dev.sightline.heads.statistics;

import dev.sightline.tensor.internal.Quoted;
import java.util.Locale;

/** How the values of a sample's tokens become one value. Padding is never read. */
public enum TokenAggregation {
  /** The last real token. */
  LAST,
  /** The mean over the real tokens. */
  MEAN,
  /** The mean over the real tokens of a span that the data give. */
  SPAN;

  /**
   * Returns the name on the command line and in files.
   *
   * @return {@code last}, {@code mean} or {@code span}
   */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Parses a {@link #text}.
   *
   * @param text {@code last}, {@code mean} or {@code span}
   * @return the aggregation of that name
   * @throws IllegalArgumentException if there is none
   */
  public static TokenAggregation parse(String text) {
    for (TokenAggregation each : values()) {
      if (each.text().equals(text)) {
        return each;
      }
    }
    throw new IllegalArgumentException(
        "'" + Quoted.shortened(text) + "' is not last, mean or span");
  }
}
