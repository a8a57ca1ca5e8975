package dev.sightline.heads.internal.run;

import dev.sightline.data.internal.row.Span;
import dev.sightline.heads.statistics.TokenAggregation;
import java.util.Optional;

/** The real tokens that the value of a sample is read from. */
public sealed interface TokenChoice {
  /**
   * The value is the mean over these real tokens.
   *
   * @param from the first, counted from 0
   * @param to the index after the last
   */
  record Read(int from, int to) implements TokenChoice {
    /** The number of tokens. */
    public int tokens() {
      return to - from;
    }
  }

  /** The sample has no value, for this reason. */
  record Skipped(String reason) implements TokenChoice {}

  /**
   * Chooses the tokens of a sample.
   *
   * @param tokens the number of real tokens
   * @param span in real tokens, counted from 0; only {@link TokenAggregation#SPAN} reads it
   */
  static TokenChoice of(TokenAggregation aggregation, int tokens, Optional<Span> span) {
    if (tokens == 0) {
      return new Skipped("it has no real token");
    }
    return switch (aggregation) {
      case LAST -> new Read(tokens - 1, tokens);
      case MEAN -> new Read(0, tokens);
      case SPAN -> {
        if (span.isEmpty()) {
          yield new Skipped("it has no span");
        }
        if (span.get().end() > tokens) {
          yield new Skipped("its span ends after its last token");
        }
        yield new Read(span.get().start(), span.get().end());
      }
    };
  }
}
