package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.audit.result.Verdict.Rounding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns observations into verdicts. */
public final class Judge {
  private final Observations seen;
  private final Limits limits;
  private final Leaks leaks;

  public Judge(Observations seen) {
    this.seen = seen;
    this.limits = new Limits(seen);
    this.leaks = new Leaks(seen);
  }

  public Leaks leaks() {
    return leaks;
  }

  /** Findings by stream, then those about rows and the inside. */
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    boolean harmless = false;
    for (StreamProbes stream : seen.streams()) {
      CausalityProbe causality = seen.causality().get(stream.index());
      boolean back =
          causality != null
              && CausalityJudge.isMeantCausal(
                  causality, seen.patterns().get(stream.index()), limits);
      List<Finding> own = new StreamJudge(seen, stream, limits, leaks, back).findings();
      harmless |=
          own.stream()
              .anyMatch(f ->
                  f.probe() == Probe.SIDE_CONTENT
                      && f.verdict() instanceof Inconclusive v
                      && v.evidence().difference() > 0);
      findings.addAll(own);
    }
    if (seen.streams().isEmpty()) {
      Verdict verdict =
          new ByDesign(
              "The model takes no mask, so it cannot be told what is padding: what it is fed is all"
                  + " text.",
              null);
      findings.add(new Finding(Probe.PAD_CONTENT, verdict));
      findings.add(new Finding(Probe.MASK_VALUE, verdict));
    }
    for (Map.Entry<Integer, OutputDelta> entry : seen.unmasked().entrySet()) {
      findings.add(new Finding(Probe.PAD_LENGTH, name(entry.getKey()), unmasked(entry.getValue())));
    }
    findings.add(new Finding(Probe.NEIGHBOUR, neighbour()));
    findings.add(new Finding(Probe.BATCH, batch()));
    for (Map.Entry<Integer, CausalityProbe> entry : seen.causality().entrySet()) {
      findings.add(causality(entry.getKey(), entry.getValue()));
    }
    findings.add(new Finding(Probe.PADDING_MASS, paddingMass(harmless)));
    findings.add(new Finding(Probe.INSTRUMENTED, instrumented()));
    findings.add(new Finding(Probe.FUSED, fused()));
    return findings;
  }

  private Finding causality(int stream, CausalityProbe probe) {
    Verdict verdict =
        new CausalityJudge(probe, seen.patterns().get(stream), limits, seen.entries()).verdict();
    return new Finding(Probe.CAUSALITY, name(stream), verdict);
  }

  /** Nothing to tell apart where there is one stream. */
  private String name(int stream) {
    boolean only = seen.model().roles().streams().size() == 1;
    return only ? "" : seen.model().roles().streams().get(stream).name();
  }

  private Verdict unmasked(OutputDelta moved) {
    Difference worst = worst(moved);
    if (worst.compared() == 0) {
      return new NotApplicable("This input takes no mask and no longer texts.");
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.rounding), null);
    return worst.largest() <= limits.rounding
        ? new Pass("What fills up this input behind its tokens changes nothing.", evidence)
        : new ByDesign(
            "This input takes no mask: what fills it up counts, and moves the outputs.", evidence);
  }

  private Verdict neighbour() {
    OutputDelta moved = seen.rows().neighbour;
    Difference worst = worst(moved);
    if (worst.compared() == 0) {
      return new NotApplicable("The model takes one row at a time.");
    }
    if (worst.largest() == 0) {
      return new Pass(
          "Rows are bit-for-bit the same, whatever the other rows hold.",
          Limits.evidence(worst, limits.exact(), null));
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.betweenEqualShapes()), null);
    String fails = "A row changes with what the other rows hold";
    return worst.largest() <= limits.betweenEqualShapes()
        ? new Rounding(fails + numericReason(worst), evidence)
        : new Fail(fails + ".", evidence, null);
  }

  private Verdict batch() {
    Difference worst = worst(seen.rows().batch);
    if (worst.compared() == 0) {
      return new NotApplicable("The model fixes the number of rows.");
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), null);
    if (worst.largest() <= limits.rounding) {
      return new Pass(
          "A text alone and the same text in a padded batch agree up to rounding.", evidence);
    }
    String fails = "A text alone and the same text in a padded batch disagree";
    if (worst.largest() <= limits.limit && leaks.layersOnPadding().isEmpty()) {
      return new Rounding(fails + numericReason(worst), evidence);
    }
    if (seen.streams().isEmpty()) {
      return new ByDesign(fails + ": without a mask, padding is text.", evidence);
    }
    return new Fail(fails + ".", evidence, leaks.onPadding(seen.streams().getFirst().index()));
  }

  private String numericReason(Difference worst) {
    return worst.largest() <= limits.rounding
        ? ", by rounding only."
        : limits.quantizes()
            ? ", but not through attention: the model rounds each tensor to 8 bits by the largest"
                + " value in the whole batch."
            : ", no more than beside other texts without any padding.";
  }

  private static Difference worst(OutputDelta moved) {
    Difference worst = moved.own;
    for (Difference other : List.of(moved.other, moved.whole)) {
      worst = other.compared() > 0 && !(other.largest() <= worst.largest()) ? other : worst;
    }
    return worst.compared() > 0 ? worst : moved.other.compared() > 0 ? moved.other : moved.whole;
  }

  private Verdict paddingMass(boolean harmless) {
    TappedModel inside = seen.inside();
    PaddingMass right = leaks.right();
    PaddingMass left = leaks.left();
    if (seen.streams().isEmpty()) {
      return new NotApplicable("Without a mask there is no padding.");
    }
    if (inside == null || right == null || left == null) {
      return new NoData("Attention could not be read: " + seen.whyNotInside() + ".");
    }
    PaddingMass worse = left.max() > right.max() || Double.isNaN(left.max()) ? left : right;
    Evidence evidence =
        new Evidence(
            worse.max(),
            new Limit(0, "a masked key has a probability of exactly 0"),
            worse.queries(),
            worse.worst(),
            null,
            new Control("attention on padding under a mask of ones", inside.unmasked()));
    List<Integer> layers = leaks.layersOnPadding();
    if (layers.isEmpty()) {
      return inside.unmasked() > 0
          ? new Pass(
              "No head of any layer gives padding any attention: all shares are exactly 0.",
              evidence)
          : new Inconclusive(
              "No head looks at padding, but none would without a mask either.", evidence);
    }
    Leak leak = null;
    for (StreamProbes stream : seen.streams()) {
      leak = leak == null ? leaks.onPadding(stream.index()) : leak;
    }
    String which =
        (layers.size() == 1 ? "layer " : "layers ")
            + String.join(", ", layers.stream().map(String::valueOf).toList());
    if (harmless) {
      return new Inconclusive(
          "Heads look at padding before a text, in " + which + ", and never behind it.", evidence);
    }
    if (Double.isNaN(worse.max())) {
      return new Fail(
          "Attention of real tokens is not a finite number in " + which + ".", evidence, leak);
    }
    return new Fail(
        "Real tokens look at padding in "
            + which
            + (right.max() == 0 ? ", when it stands before them" : "")
            + leaks.where(leak, seen.streams().getFirst().index()),
        evidence,
        leak);
  }

  private Verdict instrumented() {
    TappedModel inside = seen.inside();
    if (inside == null) {
      return new NoData("Nothing was tapped: " + seen.whyNotInside() + ".");
    }
    Difference worst = worst(inside.instrumented);
    if (worst.largest() <= limits.rounding) {
      return new Pass(
          "The tapped model gives what the untouched one gives.",
          Limits.evidence(worst, limits.of(limits.rounding), null));
    }
    if (worst.largest() <= limits.limit) {
      return new Rounding(
          "Tapping moves the outputs, no more than neighbours do: ONNX Runtime cannot fuse what it"
              + " hands out.",
          Limits.evidence(worst, limits.of(limits.limit), null));
    }
    return new NoData(
        "Tapping moved the outputs by "
            + Limits.number(worst.largest())
            + ", more than the "
            + Limits.number(limits.limit)
            + " that noise explains: what was seen inside is about the tapped model, not yours.");
  }

  private Verdict fused() {
    Difference worst = worst(seen.fused());
    if (worst.compared() == 0) {
      return new NoData("ONNX Runtime does not run this model node by node.");
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), null);
    return worst.largest() <= limits.rounding
        ? new Pass("The runtime's fused operators give what the single nodes give.", evidence)
        : new Rounding(
            "The runtime's fused operators move the outputs: "
                + (limits.quantizes() ? "8-bit rounding falls elsewhere." : "other arithmetic."),
            evidence);
  }
}
