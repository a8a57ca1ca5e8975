package dev.sightline.audit;

import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Limit.Exact;
import dev.sightline.audit.result.Limit.Noise;
import dev.sightline.audit.result.Limit.Rounding;

/** Where a limit comes from and what a control changes, as clauses without a full stop. */
final class EvidenceText {

  private EvidenceText() {}

  static String of(Limit.Origin origin) {
    return switch (origin) {
      case Exact exact -> of(exact);
      case Noise(int times, double floor) ->
          times
              + " times the noise floor of "
              + Phrases.number(floor)
              + " measured in this session";
      case Rounding(int steps, double magnitude) ->
          steps
              + " rounding steps of the model's type at the largest output, "
              + Phrases.number(magnitude);
    };
  }

  private static String of(Exact exact) {
    return switch (exact) {
      case FORBIDDEN_KEY -> "a forbidden key has a probability of exactly 0";
      case EQUAL_SHAPES -> "the same shapes run the same arithmetic";
      case MASKED_KEY -> "a masked key has a probability of exactly 0";
      case OTHER_POSITIONS -> "must differ: the same shapes, other positions";
      case OTHER_MASK -> "must differ: the same shapes, another mask";
    };
  }

  static String of(Change change) {
    return switch (change) {
      case WITHOUT_MASK -> "the same change under a mask of ones";
      case LENGTH_WITHOUT_MASK -> "seven more tokens under a mask of ones";
      case PADDING_WITHOUT_MASK -> "the same padding under a mask of ones";
      case ATTENTION_ON_PADDING -> "attention on padding under a mask of ones";
      case PADDING_UNMASKED -> "all padding unmasked";
      case EARLIER_TOKEN -> "tokens after the changed one";
      case CACHE_OF_REAL_TOKENS -> "other keys and values in the cache of real tokens";
      case ALLOWED_KEY -> "the largest probability of an allowed key, in the attention of least";
      case TOKEN_WITH_A_PATH -> "the same change where the declared masks give a path";
    };
  }
}
