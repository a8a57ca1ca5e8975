package dev.sightline.audit;

import dev.sightline.audit.result.Probe;

/** The beginnings and the whole sentences that depend on the probe alone. */
final class ProbeText {

  private ProbeText() {}

  /** The sentence of a result that did not change, under a control that did. */
  static String unchanged(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT ->
          "Real tokens are bit-for-bit the same, whatever the padding after them holds.";
      case SIDE_CONTENT ->
          "Real tokens are bit-for-bit the same, whatever padding before or between them holds.";
      case PAD_LENGTH -> "More padding changes nothing beyond rounding.";
      case PAD_LEFT ->
          "A text with its padding on the left is the same as without, up to rounding.";
      case PAD_INTERIOR ->
          "A text with its padding in its middle is the same as without, up to rounding.";
      case CROSS_MASK ->
          "The tokens of the other input are bit-for-bit the same, whatever this one's padding"
              + " holds.";
      case NEIGHBOUR -> "Rows are bit-for-bit the same, whatever the other rows hold.";
      case BATCH -> "A text alone and the same text in a padded batch agree up to rounding.";
      case PADDING_MASS ->
          "No head of any layer gives padding any attention: all shares are exactly 0.";
      case INSTRUMENTED -> "The model with the added outputs gives what the untouched one gives.";
      case FUSED -> "The runtime's fused operators give what the single nodes give.";
      case DECLARED_INSIDE ->
          "No head attends to a key that its declared mask forbids: all their probabilities are"
              + " exactly 0.";
      case DECLARED_OUTSIDE ->
          "No output token changes with an input token that the declared masks give no path to.";
      case POSITIONS, MASK_VALUE, POOLING, CAUSALITY, CACHE -> "The result is the same.";
    };
  }

  /** The sentence of a result that did not change, under a control that did not either. */
  static String controlUnchanged(Probe probe) {
    return switch (probe) {
      case PADDING_MASS -> "No head attends to padding, but none would without a mask either.";
      case DECLARED_OUTSIDE -> "No output changed where it may, so nothing could have failed.";
      case CACHE -> "No step depends on its cache, so nothing is proved.";
      default ->
          "Nothing changed, and nothing could have: even without a mask this change does not reach"
              + " real tokens.";
    };
  }

  /** The sentence of a change that must not be, without its full stop. */
  static String changed(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT -> "Real tokens change with what the padding after them holds";
      case SIDE_CONTENT -> "Real tokens change with what padding before or between them holds";
      case PAD_LENGTH -> "Real tokens change with the amount of padding";
      case PAD_LEFT -> "A text with its padding on the left is not the same as without";
      case PAD_INTERIOR -> "A text with its padding in its middle is not the same as without";
      case CROSS_MASK -> "The tokens of the other input change with what this one's padding holds";
      case NEIGHBOUR -> "A row changes with what the other rows hold";
      case BATCH -> "A text alone and the same text in a padded batch disagree";
      case INSTRUMENTED -> "The added outputs change the result";
      case FUSED -> "The runtime's fused operators change the result";
      case CACHE -> "A step with a cache is not what the whole text gives";
      case POSITIONS,
          MASK_VALUE,
          POOLING,
          CAUSALITY,
          PADDING_MASS,
          DECLARED_INSIDE,
          DECLARED_OUTSIDE ->
          "The result changes";
    };
  }

  /** The sentence of an output that is not finite, without its full stop. */
  static String notFinite(Probe probe) {
    String where =
        switch (probe) {
          case PAD_LEFT -> "With padding on the left, an";
          case PAD_INTERIOR -> "With padding in its middle, an";
          default -> "An";
        };
    return where + " output at a real token is NaN";
  }

  /** What a reason why nothing was measured begins with. */
  static String notMeasured(Probe probe) {
    return switch (probe) {
      case PADDING_MASS -> "Attention could not be read: ";
      case INSTRUMENTED -> "No outputs were added: ";
      case CACHE -> "Steps with a cache were not tried: ";
      case DECLARED_OUTSIDE -> "What depends on what was not measured: ";
      default -> "Not measured: ";
    };
  }
}
