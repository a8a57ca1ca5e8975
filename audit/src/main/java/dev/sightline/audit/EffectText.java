package dev.sightline.audit;

import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Effect.ClassProbability;
import dev.sightline.audit.result.Effect.EmbeddingCosine;
import dev.sightline.audit.result.Effect.NotFinite;
import dev.sightline.audit.result.Effect.TokenCosine;
import dev.sightline.audit.result.Effect.TopToken;
import java.util.Locale;

/** What a change of the outputs means, in a number that people know. */
final class EffectText {
  private EffectText() {}

  /**
   * Returns the effect of a comparison.
   *
   * @param compared what was compared, as in {@code alone against batched}; may be empty
   */
  static String of(Effect effect, String compared) {
    String of = compared.isEmpty() ? "" : ", " + compared;
    return switch (effect) {
      case EmbeddingCosine(double value, long text) ->
          (compared.isEmpty() ? "lowest cosine of a text's embedding" : "lowest cosine" + of)
              + ": "
              + cosine(value)
              + " (text "
              + text
              + ")";
      case TokenCosine(double value, long text, int token) ->
          "lowest cosine of a token's vector"
              + of
              + ": "
              + cosine(value)
              + " (token "
              + token
              + " of text "
              + text
              + ")";
      case ClassProbability p -> probability(p, of);
      case TopToken top -> topToken(top, of);
      case NotFinite(long positions, long all) ->
          "NaN at " + positions + " of " + Phrases.counted(all, "compared position") + of;
    };
  }

  private static String probability(ClassProbability p, String of) {
    String change =
        "class "
            + p.label()
            + " goes from "
            + percent(p.before())
            + " to "
            + percent(p.after())
            + (p.token().isEmpty() ? "" : " at token " + p.token().getAsInt())
            + " (text "
            + p.text()
            + ")"
            + of;
    return change
        + "; the top class changes "
        + p.changed()
        + " of "
        + Phrases.counted(p.compared(), "time");
  }

  private static String topToken(TopToken top, String of) {
    return "top token changes at "
        + top.changed()
        + " of "
        + Phrases.counted(top.compared(), "position")
        + of
        + "; a logit moves by "
        + number(top.logitChange())
        + ", where the first two are "
        + number(top.gap())
        + " apart";
  }

  /** Never rounded up to 1. */
  static String cosine(double cosine) {
    return cosine == 1
        ? "1"
        : cosine > 0.9999 ? "above 0.9999" : String.format(Locale.ROOT, "%.3g", floor(cosine));
  }

  private static double floor(double cosine) {
    return cosine > 0.99 ? Math.floor(cosine * 1e4) / 1e4 : cosine;
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  private static String number(double value) {
    return value == 0 ? "0" : String.format(Locale.ROOT, "%.2g", value);
  }
}
