package dev.sightline.heads.statistics;

import dev.sightline.data.file.Span;
import dev.sightline.tensor.internal.Quoted;
import java.util.Locale;
import java.util.Optional;

/**
 * How the values of a sample's tokens become one value. Padding never takes part: the slots come
 * from a {@link TokenLayout}, not from the width of the batch or a count of ones.
 */
public enum TokenAggregation {
  /** The last real token. */
  LAST,
  /** The mean over the real tokens. */
  MEAN,
  /** The mean over the real tokens of a span that the data give. */
  SPAN;

  /** What to do with a sample. */
  public sealed interface Choice {
    /**
     * Its value is read from these real tokens.
     *
     * @param from the first, counted from 0
     * @param to behind the last
     */
    record Read(int from, int to) implements Choice {
      /** How many tokens are read. */
      public int tokens() {
        return to - from;
      }
    }

    /** It has no value. */
    record Skipped(String reason) implements Choice {}
  }

  /**
   * Chooses the tokens of a sample.
   *
   * @param tokens how many real ones it has
   * @param span in real tokens, counted from 0; only {@link #SPAN} asks for it
   */
  public Choice choose(int tokens, Optional<Span> span) {
    if (tokens == 0) {
      return new Choice.Skipped("it has no real token");
    }
    return switch (this) {
      case LAST -> new Choice.Read(tokens - 1, tokens);
      case MEAN -> new Choice.Read(0, tokens);
      case SPAN -> {
        if (span.isEmpty()) {
          yield new Choice.Skipped("it has no span");
        }
        if (span.get().end() > tokens) {
          yield new Choice.Skipped("its span ends behind its last token");
        }
        yield new Choice.Read(span.get().start(), span.get().end());
      }
    };
  }

  /**
   * The values of a row's heads, {@code [H]}. A token's NaN makes the head's value NaN, which the
   * statistics count and leave out.
   *
   * @param values of each token, {@code [B, H, S]} in row-major order
   * @throws IllegalArgumentException if they are not that many
   */
  public static double[] aggregate(
      float[] values, int heads, TokenLayout layout, int row, Choice.Read choice) {
    if ((long) layout.rows() * heads * layout.width() != values.length) {
      throw new IllegalArgumentException(
          "values [B, H, S] = ["
              + layout.rows()
              + ", "
              + heads
              + ", "
              + layout.width()
              + "] are not "
              + values.length);
    }
    double[] means = new double[heads];
    for (int head = 0; head < heads; head++) {
      int base = (row * heads + head) * layout.width();
      double sum = 0;
      for (int token = choice.from(); token < choice.to(); token++) {
        sum += values[base + layout.slot(row, token)];
      }
      means[head] = sum / choice.tokens();
    }
    return means;
  }

  /** As on the command line: {@code last}, {@code mean} or {@code span}. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads {@link #text}.
   *
   * @throws IllegalArgumentException if it is something else
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
