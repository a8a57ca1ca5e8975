package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.PadRightOnly;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.audit.result.Verdict.Rounding;
import dev.sightline.data.Padding;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.MaskPath;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Judges the probes of one stream that has a mask. What stands in padding comes first: if that
 * reaches a real token, the mask is at fault. If only the place of padding matters, positions are,
 * and those are the caller's.
 */
final class StreamJudge {
  private final Observations seen;
  private final StreamProbes probes;
  private final Limits limits;
  private final Leaks leaks;
  private final boolean isCausal;
  private final int stream;

  StreamJudge(
      Observations seen, StreamProbes probes, Limits limits, Leaks leaks, boolean isCausal) {
    this.seen = seen;
    this.probes = probes;
    this.limits = limits;
    this.leaks = leaks;
    this.isCausal = isCausal;
    this.stream = probes.index();
  }

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    add(findings, Probe.PAD_CONTENT, padContent());
    add(findings, Probe.SIDE_CONTENT, sideContent());
    add(findings, Probe.PAD_LENGTH, padLength());
    add(findings, Probe.PAD_LEFT, side(Padding.LEFT));
    add(findings, Probe.PAD_INTERIOR, side(Padding.INTERIOR));
    add(findings, Probe.POSITIONS, positions());
    add(findings, Probe.MASK_VALUE, maskValue());
    add(findings, Probe.CROSS_MASK, crossMask());
    add(findings, Probe.POOLING, new PoolingJudge(seen, probes, limits).verdict());
    return findings;
  }

  private void add(List<Finding> findings, Probe probe, Verdict verdict) {
    boolean only = seen.model().roles().streams().size() == 1;
    findings.add(new Finding(probe, only ? "" : probes.stream().name(), verdict));
  }

  private Verdict padContent() {
    Sided right = probes.on(Padding.RIGHT);
    Control control =
        new Control(
            "the same change under a mask of ones", right.contentUnmasked().atTokens().largest());
    return equal(right.content().atTokens(), control);
  }

  /** The worse of left and interior padding. */
  private Difference besides(
      Function<Sided, OutputDelta> what, Function<OutputDelta, Difference> where) {
    Difference left = where.apply(what.apply(probes.on(Padding.LEFT)));
    Difference interior = where.apply(what.apply(probes.on(Padding.INTERIOR)));
    return interior.largest() <= left.largest() || Double.isNaN(left.largest()) ? left : interior;
  }

  private Verdict sideContent() {
    Difference moved = besides(Sided::content, OutputDelta::atTokens);
    Control control =
        new Control(
            "the same change under a mask of ones",
            probes.on(Padding.LEFT).contentUnmasked().atTokens().largest());
    if (!(moved.largest() <= limits.betweenEqualShapes())) {
      Evidence evidence = Limits.evidence(moved, limits.of(limits.betweenEqualShapes()), control);
      if (countsPositionsFromIds()) {
        return new ByDesign(Kind.POSITIONS_FROM_IDS, evidence);
      }
      if (harmlessBehind()) {
        return new Inconclusive(harmlessAfter(moved), evidence);
      }
    }
    return equal(moved, control);
  }

  private boolean isClean(Difference difference) {
    return difference.largest() <= limits.betweenEqualShapes();
  }

  /** RoBERTa: other ids in the padding move what padding with the padding id leaves in place. */
  private boolean countsPositionsFromIds() {
    Difference alone = probes.on(Padding.LEFT).alone().atTokens();
    return probes.stream().fixedLength().isEmpty()
        && probes.oneMaskedOut.largest() != 0
        && leaks.onPadding(stream) == null
        && isClean(probes.on(Padding.RIGHT).content().atTokens())
        && alone.compared() > 0
        && alone.largest() <= limits.limit;
  }

  /**
   * Whether a causal model can be padded on the right alone: it takes no positions and moves with
   * its place, so that no caller can pad it on the left anyway.
   */
  private boolean harmlessBehind() {
    return isCausal
        && probes.stream().positions() == null
        && isClean(probes.on(Padding.RIGHT).content().atTokens())
        && !(probes.on(Padding.LEFT).alone().atTokens().largest() <= limits.limit);
  }

  private HarmlessAfterText harmlessAfter(Difference before) {
    return new HarmlessAfterText(
        probes.on(Padding.RIGHT).content().atTokens().largest(), before.largest());
  }

  private Verdict padLength() {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(Kind.FIXED_LENGTH);
    }
    Control control =
        new Control(
            "seven more tokens under a mask of ones", probes.lengthUnmasked.atTokens().largest());
    return withinRounding(probes.length.atTokens(), control);
  }

  private Verdict side(Padding side) {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(Kind.FIXED_LENGTH);
    }
    Difference alone = probes.on(side).alone().atTokens();
    if (alone.compared() == 0) {
      return new NoData(Kind.FIXED_ROWS);
    }
    Control control =
        new Control(
            "the same padding under a mask of ones",
            probes.on(side).unmasked().atTokens().largest());
    Evidence evidence = Limits.evidence(alone, limits.of(limits.limit), control);
    if (alone.largest() <= limits.rounding) {
      return new Pass(Kind.UNCHANGED, evidence);
    }
    boolean contentHolds = isClean(probes.on(side).content().atTokens());
    if (Double.isNaN(alone.largest())) {
      Verdict.Leak leak = leaks.of(stream, alone);
      return new Fail(leaks.reached(leak, stream, alone), evidence, leak);
    }
    if (alone.largest() <= limits.limit && leaks.onPadding(stream) == null) {
      return new Rounding(Kind.NOISE, evidence);
    }
    if (!contentHolds && !harmlessBehind() && !countsPositionsFromIds()) {
      return new Fail(Kind.PADDING_SEEN, evidence, leaks.of(stream, alone));
    }
    if (side == Padding.LEFT && probes.stream().positions() != null) {
      return new Fail(
          probes.otherPositions.largest() == 0
              ? Kind.GIVEN_POSITIONS_IGNORED
              : Kind.GIVEN_POSITIONS_NOT_ENOUGH,
          evidence,
          null);
    }
    return new PadRightOnly(Kind.POSITIONS_FROM_ROW_START, evidence);
  }

  private Verdict positions() {
    if (probes.stream().positions() == null) {
      return new NotApplicable(Kind.NO_POSITION_INPUT);
    }
    Difference moved = probes.otherPositions.atTokens();
    Evidence evidence =
        Limits.evidence(moved, new Limit(0, "must differ: the same shapes, other positions"), null);
    if (moved.largest() != 0) {
      return new Pass(Kind.POSITIONS_READ, evidence);
    }
    return probes.on(Padding.LEFT).alone().atTokens().largest() <= limits.limit
        ? new ByDesign(Kind.POSITIONS_NOT_NEEDED, evidence)
        : new Fail(Kind.POSITIONS_IGNORED, evidence, null);
  }

  private Verdict maskValue() {
    Difference flipped = probes.oneMaskedOut.atTokens();
    double unmasked = 0;
    for (Padding side : Padding.values()) {
      unmasked = Math.max(unmasked, probes.on(side).unmasked().largest());
    }
    if (flipped.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    Evidence evidence =
        Limits.evidence(
            flipped,
            new Limit(0, "must differ: the same shapes, another mask"),
            new Control("all padding unmasked", unmasked));
    if (probes.oneMaskedOut.largest() == 0 && unmasked == 0) {
      Difference side = besides(Sided::content, OutputDelta::atTokens);
      if (harmlessBehind()) {
        return new Inconclusive(harmlessAfter(side), evidence);
      }
      boolean afterIsClean = isClean(probes.on(Padding.RIGHT).content().atTokens());
      HarmlessAfterText harmless = afterIsClean && !isClean(side) ? harmlessAfter(side) : null;
      return new Fail(maskIgnored(harmless), evidence, leaks.onPadding(stream));
    }
    return new Pass(Kind.MASK_READ, evidence);
  }

  /** With what the graph says about the mask. */
  private MaskIgnored maskIgnored(@Nullable HarmlessAfterText harmless) {
    List<AttentionSite> sites = seen.model().attention().found();
    String mask =
        String.valueOf(probes.stream().mask() == null ? "" : probes.stream().mask().name());
    List<AttentionSite> cut =
        sites.stream().filter(site -> route(site, mask) != MaskRoute.VALUE).toList();
    return new MaskIgnored(
        harmless,
        seen.model().padId(probes.stream()),
        sites.size(),
        cut.stream().map(AttentionSite::layer).toList(),
        cut.stream().anyMatch(site -> route(site, mask) == MaskRoute.SHAPE_ONLY));
  }

  private static MaskRoute route(AttentionSite site, String mask) {
    return site.masks().stream()
        .filter(path -> path.input().equals(mask))
        .map(MaskPath::route)
        .findFirst()
        .orElse(MaskRoute.NONE);
  }

  private Verdict crossMask() {
    OutputDelta right = probes.on(Padding.RIGHT).content();
    boolean crosses = right.other.compared() > 0;
    boolean ownTokens = right.own.compared() > 0;
    if (!crosses && (ownTokens || seen.model().roles().streams().size() < 2)) {
      return new NotApplicable(Kind.NO_OTHER_STREAM);
    }
    Function<OutputDelta, Difference> where = moved -> crosses ? moved.other : moved.whole;
    Difference behind = where.apply(right);
    Difference beside = besides(Sided::content, where);
    Difference moved = beside.largest() <= behind.largest() ? behind : beside;
    Control control =
        new Control(
            "the same change under a mask of ones",
            Math.max(
                where.apply(probes.on(Padding.RIGHT).contentUnmasked()).largest(),
                where.apply(probes.on(Padding.LEFT).contentUnmasked()).largest()));
    if (moved.largest() == 0 && control.difference() == 0) {
      return new NotApplicable(Kind.NO_PATH_TO_OTHER_STREAM);
    }
    return equal(moved, control);
  }

  private Verdict equal(Difference difference, Control control) {
    if (difference.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    return difference.largest() == 0
        ? proven(Limits.evidence(difference, limits.exact(), control), control, 0)
        : changed(difference, control, limits.betweenEqualShapes());
  }

  private Verdict withinRounding(Difference difference, Control control) {
    if (difference.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    if (difference.largest() <= limits.rounding) {
      Evidence evidence = Limits.evidence(difference, limits.of(limits.rounding), control);
      return proven(evidence, control, limits.rounding);
    }
    return changed(difference, control, limits.limit);
  }

  private static Verdict proven(Evidence evidence, Control control, double mustExceed) {
    return control.difference() > mustExceed
        ? new Pass(Kind.UNCHANGED, evidence)
        : new Inconclusive(Kind.CONTROL_UNCHANGED, evidence);
  }

  private Verdict changed(Difference difference, @Nullable Control control, double limit) {
    Evidence evidence = Limits.evidence(difference, limits.of(limit), control);
    if (difference.largest() <= limit && leaks.onPadding(stream) == null) {
      return new Rounding(limits.source(difference), evidence);
    }
    Verdict.Leak leak = leaks.of(stream, difference);
    return new Fail(leaks.reached(leak, stream, difference), evidence, leak);
  }
}
