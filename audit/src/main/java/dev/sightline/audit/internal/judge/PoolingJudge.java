package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.StreamProbes.Sided;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.OtherPooling;
import dev.sightline.audit.result.Cause.PaddingChange;
import dev.sightline.audit.result.Cause.PoolsPadding;
import dev.sightline.audit.result.Cause.PoolsRealTokens;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.PadLeftOnly;
import dev.sightline.audit.result.Verdict.PadRightOnly;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;

/** Judges the pooled output of one stream: it must take real tokens only. */
final class PoolingJudge {
  private final PaddingFacts facts;
  private final Observations seen;
  private final StreamProbes probes;
  private final Limits limits;
  private final JudgedSides sides;

  PoolingJudge(PaddingFacts facts) {
    this.facts = facts;
    this.seen = facts.seen;
    this.probes = facts.probes;
    this.limits = facts.limits;
    this.sides = facts.sides;
  }

  Verdict verdict() {
    Sided right = probes.on(Padding.RIGHT);
    if (right.content().whole.compared() == 0 || right.content().own.compared() == 0) {
      return seen.declaredPooling().isPresent()
          ? new NoData(Kind.POOLING_NOT_COMPARABLE)
          : new NotApplicable(Kind.NO_POOLED_OUTPUT);
    }
    if (!sides.include(Padding.RIGHT)) {
      return onTheLeft();
    }
    if (!facts.isClean(right.content().own)) {
      return new NoData(Kind.TOKENS_CHANGE);
    }
    Control control = new Control(Change.WITHOUT_MASK, right.contentUnmasked().whole.largest());
    Sided left = probes.on(Padding.LEFT);
    Difference worst = right.content().whole;
    PaddingChange change = PaddingChange.CONTENT;
    if (facts.isClean(worst) && !(right.alone().whole.largest() <= limits.limit)) {
      worst = right.alone().whole;
      change = PaddingChange.AMOUNT;
    }
    boolean tokensHoldLeft =
        (sides.include(Padding.LEFT) || !sides.asked())
            && left.alone().own.compared() > 0
            && left.alone().own.largest() <= limits.limit;
    if (facts.isClean(worst) && tokensHoldLeft) {
      Difference content = left.content().whole;
      Difference alone = left.alone().whole;
      if (!facts.isClean(content) || !(alone.largest() <= limits.limit)) {
        worst = facts.isClean(content) ? alone : content;
        change = PaddingChange.LEFT_SIDE;
      }
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), control);
    Pooling declared = seen.declaredPooling().orElse(null);
    Pooling found = probes.pooling.found();
    if (declared != null
        && found != null
        && !probes.pooling.isPooledBy(declared, tokensHoldLeft).orElse(true)) {
      return new Fail(new OtherPooling(declared, found), evidence, null);
    }
    if (!(worst.largest() <= limits.limit)) {
      if (change == PaddingChange.LEFT_SIDE && !sides.include(Padding.LEFT)) {
        // As BERT's pooler, which takes position 0 and is fed with padding on the right.
        return new PadRightOnly(Kind.OTHER_SIDE, evidence);
      }
      boolean byId =
          change == PaddingChange.CONTENT
              && probes.stream().isOfIds()
              && probes.stream().fixedLength().isEmpty()
              && right.alone().whole.largest() <= limits.limit;
      return byId
          ? new ByDesign(Kind.PADDING_FROM_IDS, evidence)
          : new Fail(new PoolsPadding(found, change), evidence, null);
    }
    if (declared != null && !probes.pooling.isPooledBy(declared, tokensHoldLeft).orElse(false)) {
      return new NoData(Kind.POOLING_NOT_COMPARABLE);
    }
    return new Pass(new PoolsRealTokens(found, tokensHoldLeft), evidence);
  }

  /** Of a model that is padded on the left: what happens on the right is told and no fault. */
  private Verdict onTheLeft() {
    Sided left = probes.on(Padding.LEFT);
    if (!facts.isClean(left.content().own)) {
      return new NoData(Kind.TOKENS_CHANGE);
    }
    Control control = new Control(Change.WITHOUT_MASK, left.contentUnmasked().whole.largest());
    boolean contentHolds = facts.isClean(left.content().whole);
    Difference worst = contentHolds ? left.alone().whole : left.content().whole;
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), control);
    if (!(worst.largest() <= limits.limit)) {
      PaddingChange change = contentHolds ? PaddingChange.LEFT_SIDE : PaddingChange.CONTENT;
      return new Fail(new PoolsPadding(probes.pooling.found(), change), evidence, null);
    }
    Difference right = probes.on(Padding.RIGHT).alone().whole;
    return right.largest() <= limits.limit
        ? new Pass(new PoolsRealTokens(probes.pooling.found(), true), evidence)
        : new PadLeftOnly(
            Kind.OTHER_SIDE, Limits.evidence(right, limits.of(limits.limit), control));
  }
}
