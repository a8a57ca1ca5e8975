package dev.sightline.audit;

import dev.sightline.audit.result.Verdict.Outcome;

/** What a kind of verdict means, whatever the probe. */
final class OutcomeText {

  private OutcomeText() {}

  /** A clause without a full stop. */
  static String plain(Outcome outcome) {
    return switch (outcome) {
      case PASS -> "the mask holds";
      case FAIL -> "the mask does not hold";
      case ROUNDING -> "results change, but not because of the mask";
      case PAD_RIGHT_ONLY -> "the model is right with padding on the right";
      case PAD_LEFT_ONLY -> "the model is right with padding on the left";
      case BY_DESIGN -> "the model is made so";
      case INCONCLUSIVE -> "nothing was proved";
      case NOT_APPLICABLE -> "the model has nothing to ask about";
      case NO_DATA -> "the question could not be asked";
    };
  }

  /** One or two sentences. */
  static String meaning(Outcome outcome) {
    return switch (outcome) {
      case PASS ->
          "The mask did its work, and where the test has a positive control, the control changed:"
              + " the test would have seen a fault.";
      case FAIL ->
          "The mask did not do its work: something that must not matter, such as padding, reached"
              + " a real token, or the mask itself made no difference.";
      case ROUNDING ->
          "Numbers changed, but no more than rounding or the noise floor explains, and no attention"
              + " fell on padding. It is arithmetic, such as 8-bit rounding, not the mask.";
      case PAD_RIGHT_ONLY ->
          "The model is right with its padding on the right, where it is judged, and not elsewhere:"
              + " its positions count padding, or it reads the first position.";
      case PAD_LEFT_ONLY ->
          "The model is right with its padding on the left, where it is judged, and not elsewhere:"
              + " its positions count padding, or it reads the last position.";
      case BY_DESIGN ->
          "Results change, and the model is made so: it is bidirectional, or it takes no mask.";
      case NOT_APPLICABLE ->
          "The model has nothing that the question is about, for the reason given.";
      case INCONCLUSIVE ->
          "Nothing changed, but nothing could have changed even without a mask. A test that cannot"
              + " fail proves nothing, so it is not counted as a pass.";
      case NO_DATA ->
          "The question could not be asked, for the reason given. It is neither good nor bad news.";
    };
  }
}
