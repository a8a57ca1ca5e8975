package dev.sightline.audit.internal.judge;

import dev.sightline.audit.result.AuditResult.Conclusion;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Says in two sentences what the findings mean together, and what to do. */
public final class Conclusions {
  private Conclusions() {}

  /** The worst of: a failed probe, a moved result, a proof that was none. */
  public static Conclusion of(List<Finding> findings, boolean quantizesDynamically) {
    if (has(findings, Outcome.FAIL)) {
      return failed(findings);
    }
    boolean proven =
        findings.stream()
            .anyMatch(f -> PADDING.contains(f.probe()) && f.verdict().outcome() == Outcome.PASS);
    boolean harmless =
        findings.stream()
            .anyMatch(f ->
                f.probe() == Probe.MASK_VALUE && f.verdict().outcome() == Outcome.INCONCLUSIVE);
    if (harmless) {
      return new Conclusion(
          Outcome.INCONCLUSIVE,
          "The mask is not obeyed, and padding after a text does no harm: this model is causal.",
          "Pad on the right, and read no output at padding.");
    }
    if (has(findings, Outcome.ROUNDING) && !onlyLooking(findings)) {
      return new Conclusion(
          Outcome.ROUNDING,
          "The padding mask holds, and yet results move: "
              + (quantizesDynamically
                  ? "this int8 model rounds by the largest value in the batch, so a text's vector"
                      + " depends on what it is batched with."
                  : "by arithmetic, within what this model moves without any padding."),
          quantizesDynamically
              ? "If vectors must not depend on the batch, run each text alone without padding, or"
                  + " use the float32 model; else accept differences of this size."
              : "Compare vectors with a limit, not for equality.");
    }
    if (has(findings, Probe.DECLARED_INSIDE, Outcome.PASS)
        && has(findings, Probe.DECLARED_OUTSIDE, Outcome.PASS)) {
      return new Conclusion(
          Outcome.PASS,
          "The model implements exactly the declared mask: no head attends to what it forbids, and"
              + " no output depends on anything else.",
          "Keep the declaration with the model, and check it again after every export.");
    }
    if (proven) {
      return new Conclusion(
          Outcome.PASS,
          "The padding mask holds: padding does not reach any real token, and the test would have"
              + " seen it."
              + (causal(findings) ? " No token sees one after it." : ""),
          has(findings, Probe.PAD_LEFT, Outcome.PAD_RIGHT_ONLY)
              ? "Batch texts of different lengths as you like, with the padding on the right."
              : "Batch texts of different lengths as you like.");
    }
    if (has(findings, Probe.MASK_VALUE, Outcome.BY_DESIGN)) {
      return new Conclusion(
          Outcome.BY_DESIGN,
          "The model takes no mask, so there is none to obey.",
          "Run texts of one length together, or each alone: what fills up a shorter one counts as"
              + " text.");
    }
    if (has(findings, Outcome.INCONCLUSIVE)) {
      return new Conclusion(
          Outcome.INCONCLUSIVE,
          "Nothing moved, but nothing could have moved in this model.",
          "Do not take this for a proof.");
    }
    return new Conclusion(
        Outcome.NO_DATA,
        "Nothing could be proved: " + firstReason(findings),
        "Audit a model that takes an attention_mask, with texts of different lengths.");
  }

  private static final Set<Probe> PADDING =
      EnumSet.of(Probe.PAD_CONTENT, Probe.SIDE_CONTENT, Probe.CROSS_MASK);

  /** Whether what moved is what looking or fusing changes, not what a user does. */
  private static boolean onlyLooking(List<Finding> findings) {
    return findings.stream()
        .filter(f -> f.verdict().outcome() == Outcome.ROUNDING)
        .allMatch(f -> f.probe() == Probe.INSTRUMENTED || f.probe() == Probe.FUSED);
  }

  private static boolean causal(List<Finding> findings) {
    return has(findings, Probe.CAUSALITY, Outcome.PASS);
  }

  private static Conclusion failed(List<Finding> findings) {
    List<Finding> failed =
        findings.stream().filter(f -> f.verdict().outcome() == Outcome.FAIL).toList();
    Set<Probe> probes = EnumSet.noneOf(Probe.class);
    failed.forEach(f -> probes.add(f.probe()));
    if (probes.contains(Probe.DECLARED_INSIDE) || probes.contains(Probe.DECLARED_OUTSIDE)) {
      return new Conclusion(
          Outcome.FAIL,
          "The model does not implement the declared mask: tokens see what it forbids.",
          "Look at the cells named below: the mask of those attentions is missing, or another one"
              + " was exported.");
    }
    if (probes.contains(Probe.MASK_VALUE)) {
      return new Conclusion(
          Outcome.FAIL,
          "The model does not read its mask: padding counts as text.",
          "Export it again with attention_mask as an input that is used, and until then run each"
              + " text alone without padding.");
    }
    if (probes.equals(EnumSet.of(Probe.CAUSALITY))) {
      return new Conclusion(
          Outcome.FAIL,
          "Tokens see those after them: the padding mask holds and the causal mask does not.",
          "Repair the causal mask of the layer named below and export again; scores that this model"
              + " gave to its own text are worth nothing.");
    }
    if (EnumSet.of(Probe.NEIGHBOUR, Probe.BATCH).containsAll(probes)) {
      return new Conclusion(
          Outcome.FAIL,
          "Texts of one batch influence each other.",
          "Run each text alone until the model is exported again.");
    }
    if (EnumSet.of(Probe.POOLING, Probe.BATCH).containsAll(probes)) {
      return new Conclusion(
          Outcome.FAIL,
          "The tokens are right and the pooled vector is not: the pooling takes padding for"
              + " tokens.",
          "Pool the token vectors yourself, over real tokens only, or repair the pooling and export"
              + " again.");
    }
    if (EnumSet.of(Probe.POSITIONS, Probe.PAD_LEFT, Probe.PAD_INTERIOR).containsAll(probes)) {
      return new Conclusion(
          Outcome.FAIL,
          "The mask holds, but a text that is padded on the left stands at the wrong positions.",
          "Export again with positions that are read; until then pad on the right.");
    }
    boolean behind =
        probes.contains(Probe.PAD_CONTENT)
            || probes.contains(Probe.PAD_LENGTH)
            || probes.contains(Probe.CROSS_MASK);
    return new Conclusion(
        Outcome.FAIL,
        behind
            ? "Padding reaches real tokens: a text's result depends on the longest text beside it."
            : "Padding reaches real tokens when it stands before or inside a text; behind it, it"
                + " does no harm.",
        "Repair the mask of the layer named below and export again; until then "
            + (behind ? "run each text alone without padding." : "pad on the right."));
  }

  private static boolean has(List<Finding> findings, Probe probe, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }

  private static boolean has(List<Finding> findings, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.verdict().outcome() == outcome);
  }

  private static String firstReason(List<Finding> findings) {
    return findings.stream()
        .filter(f -> f.verdict().outcome() == Outcome.NO_DATA)
        .map(f -> f.verdict().meaning())
        .findFirst()
        .orElse("no probe had data.");
  }
}
