package dev.sightline.audit.internal.judge;

import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.MaskIgnored;
import dev.sightline.audit.result.Cause.PaddingChange;
import dev.sightline.audit.result.Cause.PoolsPadding;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Limit.Exact;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.result.Verdict.PadLeftOnly;
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
 * Judges the probes of one stream that has a mask. What padding holds comes first: if that reaches
 * a real token, the mask is at fault. If only the place of padding matters, positions are, and
 * those are the caller's.
 */
final class StreamJudge {
  private final Observations seen;
  private final StreamProbes probes;
  private final Limits limits;
  private final Leaks leaks;
  private final boolean isCausal;
  private final JudgedSides sides;
  private final int stream;

  StreamJudge(
      Observations seen, StreamProbes probes, Limits limits, Leaks leaks, boolean isCausal) {
    this.seen = seen;
    this.probes = probes;
    this.limits = limits;
    this.leaks = leaks;
    this.isCausal = isCausal;
    this.sides = JudgedSides.of(seen, probes, isCausal);
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
    add(findings, Probe.POOLING, new PoolingJudge(seen, probes, limits, sides).verdict());
    return findings;
  }

  private void add(List<Finding> findings, Probe probe, Verdict verdict) {
    boolean only = seen.model().roles().streams().size() == 1;
    findings.add(new Finding(probe, only ? "" : probes.stream().name(), verdict));
  }

  private Verdict padContent() {
    Control control =
        new Control(
            Change.WITHOUT_MASK, probes.on(Padding.RIGHT).contentUnmasked().atTokens().largest());
    return content(Padding.RIGHT, OutputDelta::atTokens, control);
  }

  /** The worse of left and interior padding. */
  private Difference besides(
      Function<Sided, OutputDelta> what, Function<OutputDelta, Difference> where) {
    Difference left = where.apply(what.apply(probes.on(Padding.LEFT)));
    Difference interior = where.apply(what.apply(probes.on(Padding.INTERIOR)));
    return interior.largest() <= left.largest() || Double.isNaN(left.largest()) ? left : interior;
  }

  private Verdict sideContent() {
    if (probes.stream().lengths() != null) {
      return new NotApplicable(Kind.LENGTHS_FROM_ROW_START);
    }
    Difference moved = besides(Sided::content, OutputDelta::atTokens);
    Control control =
        new Control(
            Change.WITHOUT_MASK, probes.on(Padding.LEFT).contentUnmasked().atTokens().largest());
    if (!isClean(moved) && harmlessBehind()) {
      return new Inconclusive(
          harmlessAfter(moved),
          Limits.evidence(moved, limits.of(limits.betweenEqualShapes()), control));
    }
    return worse(
        content(Padding.LEFT, OutputDelta::atTokens, control),
        content(Padding.INTERIOR, OutputDelta::atTokens, control));
  }

  /** From the worst to the best. */
  private static final List<Outcome> SEVERITY =
      List.of(
          Outcome.FAIL,
          Outcome.PAD_RIGHT_ONLY,
          Outcome.PAD_LEFT_ONLY,
          Outcome.BY_DESIGN,
          Outcome.ROUNDING,
          Outcome.INCONCLUSIVE,
          Outcome.PASS,
          Outcome.NO_DATA,
          Outcome.NOT_APPLICABLE);

  private static Verdict worse(Verdict one, Verdict other) {
    return SEVERITY.indexOf(other.outcome()) < SEVERITY.indexOf(one.outcome()) ? other : one;
  }

  /** Other tokens in the padding of one side. */
  private Verdict content(Padding side, Function<OutputDelta, Difference> where, Control control) {
    Difference moved = where.apply(probes.on(side).content());
    if (moved.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    if (moved.largest() == 0) {
      return proven(Limits.evidence(moved, limits.exact(), control), control, 0);
    }
    Evidence evidence = Limits.evidence(moved, limits.of(limits.betweenEqualShapes()), control);
    if (!isClean(moved)) {
      if (findsPaddingById(side, where)) {
        return new ByDesign(Kind.PADDING_FROM_IDS, evidence);
      }
      if (isExcused(side)) {
        return otherSide(evidence);
      }
    }
    return changed(moved, control, limits.betweenEqualShapes(), moved);
  }

  private boolean isClean(Difference difference) {
    return difference.largest() <= limits.betweenEqualShapes();
  }

  /**
   * Whether the model is right when padding holds the padding id, as every caller has it, and no
   * head attends to it: then it reads from the ids where padding is, as RoBERTa's positions and
   * CLIP's pooling do.
   */
  private boolean findsPaddingById(Padding side, Function<OutputDelta, Difference> where) {
    Difference alone = where.apply(probes.on(side).alone());
    return probes.stream().isOfIds()
        && probes.stream().fixedLength().isEmpty()
        && probes.oneMaskedOut.largest() != 0
        && leaks.onPadding(stream) == null
        && alone.compared() > 0
        && alone.largest() <= limits.limit;
  }

  /**
   * Whether nobody pads there and no attention is at fault. Where attention over tokens cannot be
   * read, it is the first suspect.
   */
  private boolean isExcused(Padding side) {
    if (sides.include(side)) {
      return false;
    }
    boolean rowsOnly = probes.on(side).content().isOfRowsOnly();
    return sides.asked()
        || (!isCausalInterior(side)
            && leaks.onPadding(stream) == null
            && (rowsOnly || leaks.seesAllOver(stream)));
  }

  private boolean isCausalInterior(Padding side) {
    return side == Padding.INTERIOR && sides.sides() == Sides.BOTH;
  }

  /** A difference on a side that is not judged. */
  private Verdict otherSide(Evidence evidence) {
    return sides.include(Padding.RIGHT)
        ? new PadRightOnly(Kind.OTHER_SIDE, evidence)
        : new PadLeftOnly(Kind.OTHER_SIDE, evidence);
  }

  /**
   * Whether padding before a text is out of the question for this causal model, so that a mask that
   * it does not obey does no harm: nobody asked about it, or its operators take lengths.
   */
  private boolean harmlessBehind() {
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

  private HarmlessAfterText harmlessAfter(Difference before) {
    return new HarmlessAfterText(
        probes.on(Padding.RIGHT).content().atTokens().largest(), before.largest());
  }

  private Verdict padLength() {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(Kind.FIXED_LENGTH);
    }
    Control control =
        new Control(Change.LENGTH_WITHOUT_MASK, probes.lengthUnmasked.atTokens().largest());
    Difference length = probes.length.atTokens();
    if (isExcused(Padding.RIGHT) && !(length.largest() <= limits.limit)) {
      return otherSide(Limits.evidence(length, limits.of(limits.limit), control));
    }
    Difference content = probes.on(Padding.RIGHT).content().atTokens();
    return withinRounding(length, control, isClean(content) ? length : content);
  }

  private Verdict side(Padding side) {
    if (probes.stream().lengths() != null) {
      return new NotApplicable(Kind.LENGTHS_FROM_ROW_START);
    }
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(Kind.FIXED_LENGTH);
    }
    Difference alone = probes.on(side).alone().atTokens();
    if (alone.compared() == 0) {
      return new NoData(Kind.FIXED_ROWS);
    }
    Control control =
        new Control(Change.PADDING_WITHOUT_MASK, probes.on(side).unmasked().atTokens().largest());
    Evidence evidence = Limits.evidence(alone, limits.of(limits.limit), control);
    if (alone.largest() <= limits.rounding) {
      return new Pass(Kind.UNCHANGED, evidence);
    }
    if (sides.asked() && !sides.include(side)) {
      return otherSide(evidence);
    }
    if (Double.isNaN(alone.largest())) {
      Verdict.Leak leak = leaks.of(stream, alone);
      return new Fail(leaks.reached(leak, stream, alone), evidence, leak);
    }
    Difference content = probes.on(side).content().atTokens();
    if (limits.allows(alone, limits.limit) && leaks.onPadding(stream) == null) {
      return new Rounding(Kind.NOISE, evidence);
    }
    boolean contentHolds =
        isClean(content)
            || (side == Padding.INTERIOR && findsPaddingById(Padding.LEFT, OutputDelta::atTokens));
    if (!contentHolds && isExcused(side)) {
      return otherSide(evidence);
    }
    if (!contentHolds && !harmlessBehind()) {
      return new Fail(Kind.PADDING_SEEN, evidence, leaks.of(stream, content));
    }
    if (side == Padding.LEFT && probes.stream().positions() != null) {
      if (probes.otherPositions.largest() == 0) {
        return new Fail(Kind.GIVEN_POSITIONS_IGNORED, evidence, null);
      }
      return isExcused(side)
          ? otherSide(evidence)
          : new Fail(Kind.GIVEN_POSITIONS_NOT_ENOUGH, evidence, null);
    }
    if (side == Padding.LEFT && sides.include(side)) {
      if (entersBehindAttention(alone)) {
        return new Fail(new PoolsPadding(null, PaddingChange.LEFT_SIDE), evidence, null);
      }
      if (sides.asked() || sides.sides() == Sides.LEFT) {
        return new Fail(Kind.POSITIONS_FROM_ROW_START, evidence, null);
      }
    }
    return sides.include(Padding.RIGHT)
        ? new PadRightOnly(Kind.POSITIONS_FROM_ROW_START, evidence)
        : new PadLeftOnly(Kind.OTHER_SIDE, evidence);
  }

  /** Whether no attention differs at a real token, so that only what follows the last one can. */
  private boolean entersBehindAttention(Difference difference) {
    return probes.on(Padding.LEFT).content().isOfRowsOnly()
        && leaks.seesAllOver(stream)
        && leaks.of(stream, difference) == null;
  }

  private Verdict positions() {
    if (probes.stream().positions() == null) {
      return new NotApplicable(Kind.NO_POSITION_INPUT);
    }
    Difference moved = probes.otherPositions.atTokens();
    Evidence evidence = Limits.evidence(moved, new Limit(0, Exact.OTHER_POSITIONS), null);
    if (moved.largest() != 0) {
      return new Pass(Kind.POSITIONS_READ, evidence);
    }
    boolean needed = false;
    for (Padding side : List.of(Padding.LEFT, Padding.INTERIOR)) {
      needed |= !(probes.on(side).alone().atTokens().largest() <= limits.limit);
    }
    return !needed
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
            new Limit(0, Exact.OTHER_MASK),
            new Control(Change.PADDING_UNMASKED, unmasked));
    if (probes.oneMaskedOut.largest() == 0 && unmasked == 0) {
      Difference side = besides(Sided::content, OutputDelta::atTokens);
      if (isTokenWise()) {
        return new Inconclusive(Kind.TOKEN_WISE, evidence);
      }
      if (isCausal && probes.stream().lengths() != null) {
        return new Inconclusive(Kind.LENGTHS_NOT_NEEDED, evidence);
      }
      if (harmlessBehind()) {
        return new Inconclusive(harmlessAfter(side), evidence);
      }
      boolean afterIsClean = isClean(probes.on(Padding.RIGHT).content().atTokens());
      HarmlessAfterText harmless = afterIsClean && !isClean(side) ? harmlessAfter(side) : null;
      return new Fail(maskIgnored(harmless), evidence, leaks.onPadding(stream));
    }
    return new Pass(Kind.MASK_READ, evidence);
  }

  /** Whether another token changes no output but its own. */
  private boolean isTokenWise() {
    CausalityProbe tokens = seen.causality().get(stream);
    return tokens != null
        && probes.on(Padding.RIGHT).content().whole.compared() == 0
        && probes.on(Padding.RIGHT).content().other.compared() == 0
        && tokens.before.own.compared() > 0
        && tokens.before.own.largest() == 0
        && tokens.after.own.compared() > 0
        && tokens.after.own.largest() == 0;
  }

  /** With what the graph says about the mask. */
  private MaskIgnored maskIgnored(@Nullable HarmlessAfterText harmless) {
    List<AttentionSite> sites = seen.model().attention().found();
    String mask =
        String.valueOf(
            probes.stream().paddingInput() == null ? "" : probes.stream().paddingInput().name());
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
            Change.WITHOUT_MASK,
            Math.max(
                where.apply(probes.on(Padding.RIGHT).contentUnmasked()).largest(),
                where.apply(probes.on(Padding.LEFT).contentUnmasked()).largest()));
    if (moved.largest() == 0 && control.difference() == 0) {
      return new NotApplicable(Kind.NO_PATH_TO_OTHER_STREAM);
    }
    return worse(
        content(Padding.RIGHT, where, control),
        worse(content(Padding.LEFT, where, control), content(Padding.INTERIOR, where, control)));
  }

  /**
   * Judges a difference.
   *
   * @param entering the difference to look for the first place of; two runs of equal shapes show it
   *     best, since in them nothing else differs
   */
  private Verdict withinRounding(Difference difference, Control control, Difference entering) {
    if (difference.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    if (difference.largest() <= limits.rounding) {
      Evidence evidence = Limits.evidence(difference, limits.of(limits.rounding), control);
      return proven(evidence, control, limits.rounding);
    }
    return changed(difference, control, limits.limit, entering);
  }

  private static Verdict proven(Evidence evidence, Control control, double mustExceed) {
    return control.difference() > mustExceed
        ? new Pass(Kind.UNCHANGED, evidence)
        : new Inconclusive(Kind.CONTROL_UNCHANGED, evidence);
  }

  private Verdict changed(
      Difference difference, @Nullable Control control, double limit, Difference entering) {
    Evidence evidence = Limits.evidence(difference, limits.of(limit), control);
    if (limits.allows(difference, limit) && leaks.onPadding(stream) == null) {
      return new Rounding(limits.source(difference), evidence);
    }
    Verdict.Leak leak = leaks.of(stream, entering);
    return new Fail(leaks.reached(leak, stream, difference), evidence, leak);
  }
}
