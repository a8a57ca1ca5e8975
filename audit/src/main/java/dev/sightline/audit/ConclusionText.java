package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause.CacheHolds;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.Optional;

/** What all findings of an audit say together, and what to do. */
final class ConclusionText {

  private ConclusionText() {}

  /** Returns what all findings mean together, in one sentence. */
  static String meaning(AuditResult result) {
    return plainMeaning(result)
        + cacheReason(result)
            .map(reason -> " Steps with a cache were not tried: " + reason)
            .orElse("");
  }

  /** Why steps with a cache could not be run, if the model takes one. */
  private static Optional<String> cacheReason(AuditResult result) {
    return result.findings().stream()
        .filter(f -> f.probe() == Probe.CACHE)
        .map(f -> f.verdict().cause())
        .filter(NotMeasured.class::isInstance)
        .map(cause -> ((NotMeasured) cause).reason() + ".")
        .findFirst();
  }

  private static String batching(AuditResult result) {
    if (cacheReason(result).isPresent()) {
      return "Compare steps with a cache against one run of the whole text before you rely on"
          + " them.";
    }
    boolean shifted =
        result.findings().stream()
            .anyMatch(f -> f.verdict().cause() instanceof CacheHolds holds && holds.shifted());
    if (shifted) {
      return "Pad on the right where a text runs at once; run steps with a cache on texts of one"
          + " length.";
    }
    return has(result, Probe.PAD_LEFT, Outcome.PAD_RIGHT_ONLY)
        ? "Batch texts of different lengths as you like, with the padding on the right."
        : "Batch texts of different lengths as you like.";
  }

  private static boolean hasCause(AuditResult result, Kind kind) {
    return result.findings().stream().anyMatch(f -> f.verdict().cause() == kind);
  }

  private static String plainMeaning(AuditResult result) {
    return switch (result.conclusion().summary()) {
      case DECLARED_MASK_FAILS ->
          "The model does not implement the declared mask: tokens depend on what it forbids.";
      case DECLARED_MASK_NARROWER ->
          "The model allows less than the declared mask: it forbids pairs that were declared.";
      case MASK_NOT_READ -> "The model does not read its mask: padding counts as text.";
      case NOT_CAUSAL ->
          "Tokens depend on later ones: the padding mask holds and the causal mask does not.";
      case NOT_CAUSAL_UNPADDED ->
          "The causal mask is missing where a batch has no padding: there, tokens depend on later"
              + " ones.";
      case CAUSAL_UNPADDED_ONLY ->
          "The causal mask is missing where a batch has padding: there, tokens depend on later"
              + " ones.";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          "Tokens depend on later ones, though no head attends to them: something else mixes"
              + " tokens.";
      case NOT_FINITE ->
          "Outputs become NaN, as where a mask leaves a row without a key that it may attend to.";
      case RIGHT_SIDE ->
          "The model is right with padding on the right, where it is judged, and wrong with padding"
              + " on the left.";
      case LEFT_SIDE ->
          "The model is right with padding on the left, where it is judged, and wrong with padding"
              + " on the right.";
      case ROWS_DEPEND -> "Texts of one batch influence each other.";
      case POOLING_FAILS ->
          "The tokens are right and the pooled vector is not: the pooling takes padding for"
              + " tokens.";
      case POSITIONS_FAIL ->
          "The mask holds, but a text that is padded on the left gets wrong positions.";
      case PADDING_REACHES ->
          "Padding reaches real tokens: a text's result depends on the longest text beside it.";
      case PADDING_BEFORE_TEXT_REACHES ->
          "Padding reaches real tokens when it is before or inside a text; after it, it does no"
              + " harm.";
      case CACHE_FAILS ->
          "The mask holds where a text runs at once, and steps with a cache are wrong.";
      case HARMLESS_AFTER_TEXT ->
          "The mask is not obeyed, and padding after a text does no harm: this model is causal.";
      case QUANTISATION ->
          "The padding mask holds, and yet results change: this int8 model rounds by the largest"
              + " value in the batch, so a text's vector depends on what it is batched with.";
      case NOISE ->
          "The padding mask holds, and yet results change: by arithmetic, within what this model"
              + " changes without any padding.";
      case DECLARED_MASK_HOLDS ->
          "The model implements exactly the declared mask: no head attends to what it forbids, and"
              + " no output depends on anything else.";
      case MASK_HOLDS ->
          "The padding mask holds: padding does not reach any real token, and the test would have"
              + " shown it."
              + (has(result, Probe.CAUSALITY, Outcome.PASS)
                  ? " No token depends on a later one."
                  : "");
      case PADDING_FROM_IDS ->
          "A text is the same alone and in a batch that is padded with the padding id, by which the"
              + " model finds its padding.";
      case NO_MASK_INPUT -> "The model takes no mask, so there is none to obey.";
      case NOTHING_PROVED -> "Nothing changed, but nothing could have changed in this model.";
      case NO_DATA -> "Nothing could be proved: " + firstReason(result);
    };
  }

  /** Returns what to do now, in one or two sentences. */
  static String advice(AuditResult result) {
    return switch (result.conclusion().summary()) {
      case DECLARED_MASK_FAILS ->
          "Look at the cells named below: the mask of those attentions is missing, or another one"
              + " was exported.";
      case DECLARED_MASK_NARROWER ->
          "Declare the mask that it implements, which is named below, or export it again with the"
              + " declared one.";
      case MASK_NOT_READ ->
          "Export it again with attention_mask as an input that is used, and until then run each"
              + " text alone without padding.";
      case NOT_CAUSAL ->
          "Repair the causal mask of the layer named below and export again; scores that this model"
              + " gave to its own text are worth nothing.";
      case NOT_CAUSAL_UNPADDED ->
          "Export again with a causal mask that does not depend on the padding; until then let"
              + " every batch have padding.";
      case CAUSAL_UNPADDED_ONLY ->
          "Export again with a causal mask that does not depend on the padding; until then run"
              + " texts of one length together.";
      case LATER_TOKENS_OUTSIDE_ATTENTION ->
          "Look for a convolution or a mean over all tokens before the layer named below.";
      case NOT_FINITE ->
          "Export again with a mask that leaves every row a key, as a large negative number instead"
              + " of minus infinity does; until then run texts of one length together.";
      case RIGHT_SIDE -> "Pad on the right.";
      case LEFT_SIDE -> "Pad on the left.";
      case ROWS_DEPEND -> "Run each text alone until the model is exported again.";
      case POOLING_FAILS ->
          "Pool the token vectors yourself, over real tokens only, or repair the pooling and export"
              + " again.";
      case POSITIONS_FAIL ->
          "Export again with positions that are read; until then pad on the right.";
      case PADDING_REACHES ->
          "Repair the mask of the layer named below and export again; until then run each text"
              + " alone without padding.";
      case PADDING_BEFORE_TEXT_REACHES ->
          "Repair the mask of the layer named below and export again; until then pad on the right.";
      case CACHE_FAILS ->
          hasCause(result, Kind.STEP_DIFFERS)
              ? "Export again with a mask and positions that count the cached tokens; until then"
                  + " run the whole text for each new token."
              : "Export again with the mask over cached tokens too; until then run each text alone"
                  + " without padding.";
      case HARMLESS_AFTER_TEXT -> "Pad on the right, and read no output at padding.";
      case QUANTISATION ->
          "If vectors must not depend on the batch, run each text alone without padding, or use the"
              + " float32 model; else accept differences of this size.";
      case NOISE -> "Compare vectors with a limit, not for equality.";
      case DECLARED_MASK_HOLDS ->
          "Keep the declaration with the model, and check it again after every export.";
      case MASK_HOLDS -> batching(result);
      case PADDING_FROM_IDS -> "Pad with this id and no other.";
      case NO_MASK_INPUT ->
          "Run texts of one length together, or each alone: what fills up a shorter one counts as"
              + " text.";
      case NOTHING_PROVED -> "Do not take this for a proof.";
      case NO_DATA ->
          "Audit a model that takes an attention_mask, with texts of different lengths.";
    };
  }

  private static boolean has(AuditResult result, Probe probe, Outcome outcome) {
    return result.findings().stream()
        .anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }

  private static String firstReason(AuditResult result) {
    return result.findings().stream()
        .filter(f -> f.verdict().outcome() == Outcome.NO_DATA)
        .map(VerdictText::of)
        .findFirst()
        .orElse("no probe had data.");
  }
}
