package dev.sightline.audit;

import dev.sightline.audit.result.Probe;

/** What a probe asks and does, and the sentences that depend on the probe alone. */
final class ProbeText {

  private ProbeText() {}

  /** What a probe asks, as a person would. */
  static String question(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT -> "Does it matter what the padding holds?";
      case SIDE_CONTENT -> "Does it matter what padding before or inside a text holds?";
      case PAD_LENGTH -> "Does it matter how much padding there is?";
      case PAD_LEFT -> "Is a text the same with its padding on the left?";
      case PAD_INTERIOR -> "Is a text the same with padding in its middle?";
      case POSITIONS -> "Does the model read its positions?";
      case NEIGHBOUR -> "Do the rows of a batch see each other?";
      case BATCH -> "Is a text the same alone and in a batch?";
      case MASK_VALUE -> "Does the model read its mask?";
      case CROSS_MASK -> "Does padding of one input reach the tokens of another?";
      case POOLING -> "Does the pooled output take real tokens only?";
      case CAUSALITY -> "Does a token see those after it?";
      case CACHE -> "Is a step with a cache what the whole text gives?";
      case PADDING_MASS -> "Does any head attend to padding?";
      case DECLARED_INSIDE -> "Does every head attend only where the declared mask lets it?";
      case DECLARED_OUTSIDE ->
          "Does an output depend only on what the declared masks give it a path to?";
      case INSTRUMENTED -> "Do the added probe outputs change the result?";
      case FUSED -> "Does the runtime's fusion change the result?";
    };
  }

  /** What a probe changes and what must hold, as a clause without a full stop. */
  static String method(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT ->
          "the padding after a text holds other tokens; real tokens must not change at all";
      case SIDE_CONTENT ->
          "padding is left of the text, then in its middle, and holds other tokens; real tokens"
              + " must not change at all";
      case PAD_LENGTH ->
          "rows are padded by 1 and 7 more tokens, to 64 and to 128; real tokens must not change"
              + " beyond rounding";
      case PAD_LEFT ->
          "each text without padding, then padded on the left, with positions that count real"
              + " tokens where the model takes them; it must not change beyond rounding";
      case PAD_INTERIOR ->
          "each text without padding, then with padding between its halves; it must not change"
              + " beyond rounding";
      case POSITIONS -> "every position is halved; real tokens must change";
      case NEIGHBOUR ->
          "every other row holds other tokens; the rows that stayed must not change at all";
      case BATCH ->
          "each text runs alone without padding, then in a padded batch; it must not change beyond"
              + " rounding";
      case MASK_VALUE ->
          "one real token is masked out, then all padding is unmasked; real tokens must change";
      case CROSS_MASK ->
          "the padding of one input holds other tokens; outputs for the other input's tokens must"
              + " not change at all";
      case POOLING ->
          "the padding holds other tokens, and the text runs alone; the output for the whole text"
              + " must not change beyond rounding";
      case CAUSALITY ->
          "one token of each text is another; in a causal model, those before it must not"
              + " change at all";
      case CACHE ->
          "some tokens run at once, the others in steps with the cache that the model gave; the"
              + " steps must give what one run gives, also with padding in the cache, whatever that"
              + " holds";
      case PADDING_MASS ->
          "attention of real queries on padded keys, summed for each layer and head, with padding"
              + " on the right and on the left; it must be 0";
      case DECLARED_INSIDE ->
          "each probability of a real query is compared with the declared mask, cell by cell; a"
              + " forbidden one must be exactly 0";
      case DECLARED_OUTSIDE ->
          "each token is replaced by another, one after the other; outputs without a path to it"
              + " through the declared masks of all layers must not change at all";
      case INSTRUMENTED ->
          "the model with its attention tapped against the untouched one; it must not change beyond"
              + " rounding";
      case FUSED ->
          "the model as the runtime optimises it against the same run node by node; it must not"
              + " change beyond rounding";
    };
  }

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

  /** What a group of probes is about. */
  static String subject(Probe.Group group) {
    return switch (group) {
      case ATTENTION -> "attention on padding";
      case MASK -> "mask input";
      case DECLARED -> "declared mask";
      case PADDING, POSITIONS, POOLING, ROWS, CAUSALITY, CACHE, INSTRUMENTS -> group.id();
    };
  }

  /** What tells a probe from the others of its group; empty if it is alone. */
  static String word(Probe probe) {
    return switch (probe) {
      case PAD_CONTENT -> "content";
      case SIDE_CONTENT -> "side";
      case PAD_LENGTH -> "length";
      case PAD_LEFT -> "left";
      case PAD_INTERIOR -> "middle";
      case BATCH -> "batch";
      case CROSS_MASK -> "cross";
      case NEIGHBOUR -> "neighbour";
      case DECLARED_INSIDE -> "inside";
      case DECLARED_OUTSIDE -> "outside";
      case INSTRUMENTED -> "instrumented";
      case FUSED -> "fused";
      case POSITIONS, MASK_VALUE, POOLING, CAUSALITY, CACHE, PADDING_MASS -> "";
    };
  }
}
