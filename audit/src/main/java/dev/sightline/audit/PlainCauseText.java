package dev.sightline.audit;

import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.Outcome;
import org.jspecify.annotations.Nullable;

/** What a cause without numbers says, by the probe that it belongs to. */
final class PlainCauseText {

  private PlainCauseText() {}

  static String plain(Probe probe, Kind kind, Outcome outcome, @Nullable Leak leak) {
    return switch (kind) {
      case UNCHANGED -> ProbeText.unchanged(probe);
      case CONTROL_UNCHANGED -> ProbeText.controlUnchanged(probe);
      case ROUNDING -> ProbeText.changed(probe) + ", by rounding only.";
      case QUANTISATION ->
          switch (probe) {
            case FUSED -> ProbeText.changed(probe) + ": 8-bit rounding happens elsewhere.";
            default ->
                ProbeText.changed(probe)
                    + ", but not through attention: the model rounds each tensor to 8 bits by the"
                    + " largest value in the whole batch, padding included.";
          };
      case NOISE ->
          switch (probe) {
            case FUSED -> ProbeText.changed(probe) + ": the arithmetic is another.";
            case INSTRUMENTED ->
                ProbeText.changed(probe)
                    + ", within noise: ONNX Runtime cannot fuse what it hands out.";
            default ->
                ProbeText.changed(probe) + ", no more than beside other texts without any padding.";
          };
      case CHANGED ->
          probe == Probe.PAD_LENGTH && outcome == Outcome.BY_DESIGN
              ? "This input takes no mask: what fills it up counts, and changes the outputs."
              : ProbeText.changed(probe)
                  + (probe == Probe.NEIGHBOUR ? PlaceText.betweenRows(leak) : ".");
      case PADDING_SEEN -> ProbeText.changed(probe) + ": its padding is seen.";
      case NOTHING_COMPARED ->
          probe == Probe.DECLARED_OUTSIDE
              ? "No output changes with any token."
              : "No text left anything to compare.";
      case NO_MASK_INPUT ->
          switch (probe) {
            case PADDING_MASS -> "Without a mask there is no padding.";
            case BATCH -> ProbeText.changed(probe) + ": without a mask, padding is text.";
            default ->
                "The model takes no mask, so it cannot be told what is padding: all that it is fed"
                    + " is text.";
          };
      case STREAM_WITHOUT_MASK -> "This input takes no mask and no longer texts.";
      case FIXED_LENGTH ->
          probe == Probe.PAD_LENGTH
              ? "The model fixes the length of this input."
              : "The model fixes the length of this input, so that each position may have a meaning"
                  + " of its own.";
      case NOT_FINITE -> "Outputs are NaN, so that nothing can be compared.";
      case ROWS_MIX -> "Not asked: the rows of a batch change each other already.";
      case ROWS_COUNT ->
          "A row changes with the number of rows in its batch, by more than rounding"
              + PlaceText.betweenRows(leak);
      case LENGTHS_FROM_ROW_START ->
          "The model takes lengths, which count from the start of a row: padding can only be after"
              + " a text.";
      case LENGTHS_NOT_NEEDED ->
          "The lengths change nothing: they hide what is after a text, where a causal model's"
              + " tokens do not look.";
      case NOTHING_TO_MASK ->
          "The model has no attention and takes no mask, so there is no mask to judge; all that it"
              + " is fed counts.";
      case TOKEN_WISE ->
          "Another token changes the output of no token but its own, so that padding could not"
              + " reach one, with a mask or without.";
      case FIXED_ROWS ->
          switch (probe) {
            case NEIGHBOUR -> "The model takes one row at a time.";
            case BATCH -> "The model fixes the number of rows.";
            default -> "The model takes a fixed number of rows, so no text could run alone.";
          };
      case PADDING_FROM_IDS ->
          "The model finds padding by its id, so another id in the padding counts as text; padded"
              + " with its own padding id it is the same.";
      case OTHER_SIDE ->
          ProbeText.changed(probe)
              + ": the model is right with its padding on the "
              + (outcome == Outcome.PAD_LEFT_ONLY ? "left" : "right")
              + ", which is where it is judged.";
      case POOLING_NOT_COMPARABLE ->
          "The declared pooling cannot be checked: the model hands out no token vectors that give"
              + " its pooled output, as where a dense layer follows the pooling.";
      case POSITIONS_FROM_ROW_START ->
          probe == Probe.PAD_LEFT
              ? "Left padding shifts positions; this model has no position input. Pad on the right."
              : "Padding inside a text shifts the distances between its tokens. Pad on the right.";
      case GIVEN_POSITIONS_IGNORED ->
          ProbeText.changed(probe)
              + ", though positions count its real tokens: the model ignores its positions.";
      case GIVEN_POSITIONS_NOT_ENOUGH ->
          ProbeText.changed(probe)
              + ", though positions count its real tokens and no padding is seen.";
      case NO_POSITION_INPUT -> "The model takes no positions.";
      case POSITIONS_READ -> "The positions are read: other ones change the real tokens.";
      case POSITIONS_NOT_NEEDED ->
          "The positions are not read, and a text gives the same result wherever it is in its row.";
      case POSITIONS_IGNORED ->
          "The positions are ignored: the model takes them and nothing depends on them, so a text"
              + " that is padded on the left gets the wrong ones.";
      case MASK_READ -> "The mask is read: hiding one real token changes the others.";
      case NO_OTHER_STREAM -> "No output belongs to the tokens of another input.";
      case NO_PATH_TO_OTHER_STREAM -> "Padding of this input has no path to the tokens of another.";
      case NO_POOLED_OUTPUT -> "There is no pooled output beside one for each token.";
      case TOKENS_CHANGE -> "The tokens themselves change, so the pooled output has to.";
      case NO_EARLIER_TOKEN -> "No text has a token before another to compare.";
      case NO_TOKEN_DEPENDS -> "No token changes when another one does, so nothing is proved.";
      case CAUSAL_BUT_QUANTISED ->
          "Causal: no head attends to a later token. Results change by rounding to 8 bits.";
      case BIDIRECTIONAL ->
          "The model is bidirectional. If it should be causal, say --expect causal.";
      case NOT_CAUSAL_UNPADDED ->
          "With padding in its batch no token depends on a later one, and without padding tokens"
              + " do: the causal mask is missing where a batch has no padding.";
      case CAUSAL_UNPADDED_ONLY ->
          "Without padding in its batch no token depends on a later one, and with padding tokens"
              + " do: the causal mask is missing where a batch has padding.";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          "A token depends on later ones, though no head attends to them: the leak is outside"
              + " attention"
              + (leak == null ? "." : ", " + PlaceText.outside(leak) + ".");
      case PAST_MASK_IGNORED -> "The mask over the past is ignored.";
      case STEP_DIFFERS -> ProbeText.changed(probe) + ".";
      case STEP_DIFFERS_PADDED -> ProbeText.changed(probe) + " where its past has padding.";
      case CACHE_ROWS_MIX -> "A row of a step depends on the cache of another row.";
      case SAME_WITHOUT_CACHE -> ProbeText.changed(probe) + ", as without a cache.";
      case NO_UNFUSED_RUN -> "ONNX Runtime does not run this model node by node.";
      case NO_ATTENTION -> "No attention was found in the graph.";
      case NOTHING_DECLARED -> "No mask is declared for any attention of the model.";
      case NOTHING_FORBIDDEN ->
          "The declared masks forbid no pair of these tokens, so no head could have failed.";
      case ALL_REACHABLE ->
          "The declared masks give every output token a path to every input token, so nothing could"
              + " have failed.";
    };
  }
}
