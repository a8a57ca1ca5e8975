package dev.sightline.audit.internal.judge;

import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.PadLeftOnly;
import dev.sightline.audit.result.Verdict.PadRightOnly;
import dev.sightline.data.Padding;
import dev.sightline.onnx.inventory.AttentionSite;
import java.util.List;
import java.util.function.Function;

/** What the probes of one stream say together about its padding; the judges decide with it. */
final class PaddingFacts {
  final Observations seen;
  final StreamProbes probes;
  final Limits limits;
  final Leaks leaks;
  final JudgedSides sides;

  /** Whether no token is meant to see later ones. */
  final boolean isCausal;

  PaddingFacts(
      Observations seen, StreamProbes probes, Limits limits, Leaks leaks, boolean isCausal) {
    this.seen = seen;
    this.probes = probes;
    this.limits = limits;
    this.leaks = leaks;
    this.isCausal = isCausal;
    this.sides = JudgedSides.of(seen, probes, isCausal);
  }

  int stream() {
    return probes.index();
  }

  /** Whether a difference between two runs of equal shapes is rounding. */
  boolean isClean(Difference difference) {
    return difference.largest() <= limits.betweenEqualShapes();
  }

  /** The larger difference of left and interior padding. */
  Difference leftOrInterior(
      Function<Sided, OutputDelta> what, Function<OutputDelta, Difference> where) {
    Difference left = where.apply(what.apply(probes.on(Padding.LEFT)));
    Difference interior = where.apply(what.apply(probes.on(Padding.INTERIOR)));
    return interior.largest() <= left.largest() || Double.isNaN(left.largest()) ? left : interior;
  }

  /** What other tokens in the padding of a side change at tokens when the mask is off. */
  Control contentControl(Padding side) {
    return new Control(Change.WITHOUT_MASK, probes.on(side).contentUnmasked().atTokens().largest());
  }

  /**
   * Whether the model is right when padding holds the padding id, as every caller has it, and no
   * head attends to it: then it reads from the ids where padding is, as RoBERTa's positions and
   * CLIP's pooling do.
   */
  boolean findsPaddingById(Padding side, Function<OutputDelta, Difference> where) {
    Difference alone = where.apply(probes.on(side).alone());
    return probes.stream().isOfIds()
        && probes.stream().fixedLength().isEmpty()
        && probes.oneMaskedOut.largest() != 0
        && leaks.onPadding(stream()) == null
        && alone.compared() > 0
        && alone.largest() <= limits.limit;
  }

  /**
   * Whether callers do not pad on a side and no attention is at fault. Where attention over tokens
   * cannot be read, it is the first suspect.
   */
  boolean isExcused(Padding side) {
    if (sides.include(side)) {
      return false;
    }
    boolean rowsOnly = probes.on(side).content().isOfRowsOnly();
    return sides.asked()
        || (!isCausalInterior(side)
            && leaks.onPadding(stream()) == null
            && (rowsOnly || leaks.seesAllOver(stream())));
  }

  private boolean isCausalInterior(Padding side) {
    return side == Padding.INTERIOR && sides.sides() == Sides.BOTH;
  }

  /** The verdict on a difference on a side that is not judged. */
  Verdict otherSide(Evidence evidence) {
    return sides.include(Padding.RIGHT)
        ? new PadRightOnly(Kind.OTHER_SIDE, evidence)
        : new PadLeftOnly(Kind.OTHER_SIDE, evidence);
  }

  /**
   * Whether padding before a text is out of the question for this causal model, so that a mask that
   * it does not obey does no harm: the user did not ask about it, or its operators take lengths.
   */
  boolean padsAfterTextOnly() {
    List<AttentionSite> sites = seen.model().attention().found();
    boolean takesLengths =
        !sites.isEmpty()
            && sites.stream().allMatch(site -> site.operator().endsWith("GroupQueryAttention"));
    return isCausal
        && (sides.sides() == Sides.RIGHT || (takesLengths && !sides.asked()))
        && probes.stream().positions() == null
        && isClean(probes.on(Padding.RIGHT).content().atTokens())
        && !(probes.on(Padding.LEFT).alone().atTokens().largest() <= limits.limit);
  }

  HarmlessAfterText harmlessAfter(Difference before) {
    return new HarmlessAfterText(
        probes.on(Padding.RIGHT).content().atTokens().largest(), before.largest());
  }

  /** Whether no attention differs at a real token, so that only what follows the last one can. */
  boolean entersAfterAttention(Difference difference) {
    return probes.on(Padding.LEFT).content().isOfRowsOnly()
        && leaks.seesAllOver(stream())
        && leaks.of(stream(), difference) == null;
  }
}
