package dev.sightline.audit;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What all findings of an audit mean together, in a few words after the verdict. */
final class HeadlineText {
  private HeadlineText() {}

  static String of(AuditResult result) {
    return plain(result)
        + (has(result, Probe.CACHE, Outcome.NO_DATA) ? "; steps with a cache were not tried" : "");
  }

  private static String plain(AuditResult result) {
    return switch (result.conclusion().summary()) {
      case DECLARED_MASK_FAILS -> "attention is not the declared mask";
      case DECLARED_MASK_NARROWER -> "the model allows less than the declared mask";
      case MASK_NOT_READ -> MaskNames.of(result) + " is not read: padding counts as text";
      case NOT_CAUSAL,
          LATER_TOKENS_OUTSIDE_ATTENTION,
          ROWS_DEPEND,
          PADDING_REACHES,
          PADDING_BEFORE_TEXT_REACHES ->
          reaches(result);
      case NOT_CAUSAL_UNPADDED ->
          "later tokens reach earlier ones in a batch without padding: no causal mask there";
      case CAUSAL_UNPADDED_ONLY ->
          "later tokens reach earlier ones in a batch with padding: no causal mask there";
      case NOT_FINITE -> "outputs of real tokens become NaN";
      case RIGHT_SIDE -> "right with padding on the right, wrong with padding on the left";
      case LEFT_SIDE -> "right with padding on the left, wrong with padding on the right";
      case POOLING_FAILS ->
          ofPooling(result)
              ? "the pooling is not the declared one"
              : "the pooled vector takes padding";
      case POSITIONS_FAIL ->
          has(result, Probe.PAD_LEFT, Outcome.PASS)
              ? "a text with padding in its middle gets wrong positions"
              : "a text that is padded on the left gets wrong positions";
      case CACHE_FAILS -> "right without a cache, wrong in steps with a cache of the past";
      case HARMLESS_AFTER_TEXT -> "the mask is not obeyed; padding after a text does no harm";
      case QUANTISATION ->
          "8-bit rounding depends on the batch; padding does not reach real tokens";
      case NOISE -> "results change by rounding; padding does not reach real tokens";
      case DECLARED_MASK_HOLDS -> "attention is exactly the declared mask";
      case MASK_HOLDS ->
          has(result, Probe.CAUSALITY, Outcome.PASS)
              ? "neither padding nor later tokens reach real tokens"
              : "padding does not reach real tokens";
      case PADDING_FROM_IDS -> "padding with the padding id does not reach real tokens";
      case NO_MASK_INPUT -> "the model takes no mask: padding counts as text";
      case NOTHING_TO_MASK -> "the model has no attention and takes no mask: nothing to judge";
      case TOKEN_WISE -> "no token reaches another, so no mask can be put to the test";
      case NOTHING_PROVED -> "nothing changed, and nothing could have: this proves nothing";
      case NO_DATA -> "nothing could be proved";
    };
  }

  /** As in {@code padding and later tokens reach real tokens}. */
  private static String reaches(AuditResult result) {
    Set<Probe.Group> failed = EnumSet.noneOf(Probe.Group.class);
    Set<Probe> probes = EnumSet.noneOf(Probe.class);
    for (Finding finding : result.findings()) {
      if (finding.verdict().outcome() == Outcome.FAIL) {
        failed.add(finding.probe().group());
        probes.add(finding.probe());
      }
    }
    if (failed.equals(EnumSet.of(Probe.Group.CAUSALITY))) {
      return "later tokens reach earlier ones";
    }
    if (failed.contains(Probe.Group.ROWS) || probes.equals(EnumSet.of(Probe.BATCH))) {
      return "texts of one batch reach each other";
    }
    List<String> what = new ArrayList<>();
    boolean before = result.conclusion().summary() == Summary.PADDING_BEFORE_TEXT_REACHES;
    what.add(before ? "padding before a text" : "padding");
    if (failed.contains(Probe.Group.CAUSALITY)) {
      what.add("later tokens");
    }
    return String.join(" and ", what)
        + (what.size() == 1 ? " reaches" : " reach")
        + " real tokens"
        + (failed.contains(Probe.Group.DECLARED) ? ", against the declared mask" : "");
  }

  private static boolean ofPooling(AuditResult result) {
    return result.findings().stream()
        .anyMatch(
            f -> f.verdict().cause() instanceof dev.sightline.audit.result.Cause.OtherPooling);
  }

  private static boolean has(AuditResult result, Probe probe, Outcome outcome) {
    return result.findings().stream()
        .anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }
}
