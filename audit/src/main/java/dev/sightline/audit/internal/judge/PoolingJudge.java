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
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;

/** Judges the pooled output of one stream: it must take real tokens only. */
final class PoolingJudge {
  private final Observations seen;
  private final StreamProbes probes;
  private final Limits limits;

  PoolingJudge(Observations seen, StreamProbes probes, Limits limits) {
    this.seen = seen;
    this.probes = probes;
    this.limits = limits;
  }

  Verdict verdict() {
    Sided right = probes.on(Padding.RIGHT);
    if (right.content().whole.compared() == 0 || right.content().own.compared() == 0) {
      return new NotApplicable(Kind.NO_POOLED_OUTPUT);
    }
    if (!isClean(right.content().own)) {
      return new NoData(Kind.TOKENS_CHANGE);
    }
    Control control =
        new Control(
            "the same change under a mask of ones", right.contentUnmasked().whole.largest());
    Sided left = probes.on(Padding.LEFT);
    Difference worst = right.content().whole;
    PaddingChange change = PaddingChange.CONTENT;
    if (isClean(worst) && !(right.alone().whole.largest() <= limits.limit)) {
      worst = right.alone().whole;
      change = PaddingChange.AMOUNT;
    }
    boolean tokensHoldLeft =
        left.alone().own.compared() > 0 && left.alone().own.largest() <= limits.limit;
    if (isClean(worst) && tokensHoldLeft) {
      Difference content = left.content().whole;
      Difference alone = left.alone().whole;
      if (!isClean(content) || !(alone.largest() <= limits.limit)) {
        worst = isClean(content) ? alone : content;
        change = PaddingChange.LEFT_SIDE;
      }
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), control);
    Pooling declared = seen.declaredPooling().orElse(null);
    if (declared != null && !probes.pooling.isPooledBy(declared, tokensHoldLeft).orElse(false)) {
      return new Fail(new OtherPooling(declared, probes.pooling.found()), evidence, null);
    }
    return worst.largest() <= limits.limit
        ? new Pass(new PoolsRealTokens(probes.pooling.found(), tokensHoldLeft), evidence)
        : new Fail(new PoolsPadding(probes.pooling.found(), change), evidence, null);
  }

  private boolean isClean(Difference difference) {
    return difference.largest() <= limits.betweenEqualShapes();
  }
}
