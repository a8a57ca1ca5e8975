package dev.sightline.audit;

import dev.sightline.audit.AuditResult.Conclusion;
import dev.sightline.audit.Verdict.Outcome;
import java.util.List;
import java.util.Optional;

/** Says in two sentences what the findings mean together, and what to do. */
final class Conclusions {
  private Conclusions() {}

  /** The worst of: a failed probe, a moved result, a proof that was none. */
  static Conclusion of(List<Finding> findings, boolean quantizesDynamically) {
    if (has(findings, Outcome.FAIL)) {
      return failed(findings);
    }
    Outcome padding = outcomeOf(findings, Probe.PAD_CONTENT).orElse(Outcome.NO_DATA);
    if (has(findings, Outcome.NUMERIC) && padding != Outcome.VACUOUS) {
      return new Conclusion(
          Outcome.NUMERIC,
          "The padding mask holds, and yet results move: "
              + (quantizesDynamically
                  ? "this int8 model rounds by the largest value in the batch, so a text's vector"
                      + " depends on what it is batched with."
                  : "by arithmetic, within what this model moves without any padding."),
          quantizesDynamically
              ? "If vectors must not depend on the batch, run each text alone without padding, or"
                  + " use the float32 model; else accept differences of this size."
              : "Compare vectors with a tolerance, not for equality.");
    }
    return switch (padding) {
      case PASS ->
          new Conclusion(
              Outcome.PASS,
              "The padding mask holds: padding does not reach any real token, and the test would have"
                  + " seen it.",
              "Batch texts of different lengths as you like.");
      case VACUOUS ->
          new Conclusion(
              Outcome.VACUOUS,
              "Nothing moved, but right padding could not have moved anything in this model: it only"
                  + " looks back.",
              "Do not take this for a proof about left padding, which this version does not test.");
      case FAIL, NUMERIC, NO_DATA ->
          new Conclusion(
              Outcome.NO_DATA,
              "Nothing could be proved: " + firstReason(findings),
              "Audit a model that takes an attention_mask, with texts of different lengths.");
    };
  }

  private static Conclusion failed(List<Finding> findings) {
    List<Finding> failed =
        findings.stream().filter(f -> f.verdict().outcome() == Outcome.FAIL).toList();
    boolean ignored = failed.stream().anyMatch(f -> f.probe() == Probe.MASK_VALUE);
    boolean neighboursOnly =
        failed.stream().allMatch(f -> f.probe() == Probe.NEIGHBOUR || f.probe() == Probe.BATCH);
    if (ignored) {
      return new Conclusion(
          Outcome.FAIL,
          "The model does not read its mask: padding counts as text.",
          "Export it again with attention_mask as an input that is used, and until then run each"
              + " text alone without padding.");
    }
    if (neighboursOnly) {
      return new Conclusion(
          Outcome.FAIL,
          "Texts of one batch influence each other.",
          "Run each text alone until the model is exported again.");
    }
    return new Conclusion(
        Outcome.FAIL,
        "Padding reaches real tokens: a text's result depends on the longest text beside it.",
        "Repair the mask of the layer named below and export again; until then run each text alone"
            + " without padding.");
  }

  private static boolean has(List<Finding> findings, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.verdict().outcome() == outcome);
  }

  private static Optional<Outcome> outcomeOf(List<Finding> findings, Probe probe) {
    return findings.stream()
        .filter(f -> f.probe() == probe)
        .map(f -> f.verdict().outcome())
        .findFirst();
  }

  private static String firstReason(List<Finding> findings) {
    return findings.stream()
        .filter(f -> f.verdict().outcome() == Outcome.NO_DATA)
        .map(f -> f.verdict().meaning())
        .findFirst()
        .orElse("no probe had data.");
  }
}
