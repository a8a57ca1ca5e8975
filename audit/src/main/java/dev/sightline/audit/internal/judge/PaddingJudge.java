package dev.sightline.audit.internal.judge;

import dev.sightline.audit.declared.Sides;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.PaddingChange;
import dev.sightline.audit.result.Cause.PoolsPadding;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
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
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Judges what the padding of one stream does to its tokens: what it holds, how much there is, and
 * on which side it is.
 */
final class PaddingJudge {
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

  private final PaddingFacts facts;
  private final StreamProbes probes;
  private final Limits limits;
  private final Leaks leaks;
  private final JudgedSides sides;
  private final int stream;

  PaddingJudge(PaddingFacts facts) {
    this.facts = facts;
    this.probes = facts.probes;
    this.limits = facts.limits;
    this.leaks = facts.leaks;
    this.sides = facts.sides;
    this.stream = facts.stream();
  }

  static Verdict worse(Verdict one, Verdict other) {
    return SEVERITY.indexOf(other.outcome()) < SEVERITY.indexOf(one.outcome()) ? other : one;
  }

  /** Other tokens in the padding on the right. */
  Verdict rightContent() {
    return content(Padding.RIGHT, OutputDelta::atTokens, facts.contentControl(Padding.RIGHT));
  }

  /** Other tokens in the padding on the left and between tokens. */
  Verdict otherContent() {
    if (probes.stream().lengths() != null) {
      return new NotApplicable(Kind.LENGTHS_FROM_ROW_START);
    }
    Difference worst = facts.leftOrInterior(Sided::content, OutputDelta::atTokens);
    Control control = facts.contentControl(Padding.LEFT);
    if (!facts.isClean(worst) && facts.padsAfterTextOnly()) {
      return new Inconclusive(
          facts.harmlessAfter(worst),
          Limits.evidence(worst, limits.of(limits.betweenEqualShapes()), control));
    }
    return worse(
        content(Padding.LEFT, OutputDelta::atTokens, control),
        content(Padding.INTERIOR, OutputDelta::atTokens, control));
  }

  /** Other tokens in the padding of one side. */
  Verdict content(Padding side, Function<OutputDelta, Difference> where, Control control) {
    Difference difference = where.apply(probes.on(side).content());
    if (difference.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    if (difference.largest() == 0) {
      return proven(Limits.evidence(difference, limits.exact(), control), control, 0);
    }
    Evidence evidence =
        Limits.evidence(difference, limits.of(limits.betweenEqualShapes()), control);
    if (!facts.isClean(difference)) {
      if (facts.findsPaddingById(side, where)) {
        return new ByDesign(Kind.PADDING_FROM_IDS, evidence);
      }
      if (facts.isExcused(side)) {
        return facts.otherSide(evidence);
      }
    }
    return changed(difference, control, limits.betweenEqualShapes(), difference);
  }

  /** More padding on the right. */
  Verdict length() {
    if (probes.stream().fixedLength().isPresent()) {
      return new NotApplicable(Kind.FIXED_LENGTH);
    }
    Control control =
        new Control(Change.LENGTH_WITHOUT_MASK, probes.lengthUnmasked.atTokens().largest());
    Difference length = probes.length.atTokens();
    if (facts.isExcused(Padding.RIGHT) && !(length.largest() <= limits.limit)) {
      return facts.otherSide(Limits.evidence(length, limits.of(limits.limit), control));
    }
    Difference content = probes.on(Padding.RIGHT).content().atTokens();
    return withinRounding(length, control, facts.isClean(content) ? length : content);
  }

  /** Padding on the left, or between tokens. */
  Verdict side(Padding side) {
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
      return facts.otherSide(evidence);
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
        facts.isClean(content)
            || (side == Padding.INTERIOR
                && facts.findsPaddingById(Padding.LEFT, OutputDelta::atTokens));
    if (!contentHolds && facts.isExcused(side)) {
      return facts.otherSide(evidence);
    }
    if (!contentHolds && !facts.padsAfterTextOnly()) {
      return new Fail(Kind.PADDING_SEEN, evidence, leaks.of(stream, content));
    }
    if (side == Padding.LEFT && probes.stream().positions() != null) {
      if (probes.otherPositions.largest() == 0) {
        return new Fail(Kind.GIVEN_POSITIONS_IGNORED, evidence, null);
      }
      return facts.isExcused(side)
          ? facts.otherSide(evidence)
          : new Fail(Kind.GIVEN_POSITIONS_NOT_ENOUGH, evidence, null);
    }
    if (side == Padding.LEFT && sides.include(side)) {
      if (facts.entersAfterAttention(alone)) {
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
