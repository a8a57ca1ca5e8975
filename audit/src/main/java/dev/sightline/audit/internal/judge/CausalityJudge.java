package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.FutureAttention;
import dev.sightline.audit.internal.probe.FutureAttention.Head;
import dev.sightline.audit.result.Cause.Causal;
import dev.sightline.audit.result.Cause.CausalShifted;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.PrefixLm;
import dev.sightline.audit.result.Cause.SomeHeadsNotCausal;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.Pass;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Infers whether a stream is causal, and judges it. From outside a causal model with one leaking
 * head and a bidirectional model are the same: every token notices every other. The heads tell: a
 * mask makes attention to the future exactly 0, so if some heads have it and others do not, the
 * others are at fault.
 */
final class CausalityJudge {
  /** A look this far ahead is a shifted mask, where whole texts could have been seen. */
  private static final int SHIFT = 4;

  private final CausalityProbe probe;
  private final @Nullable FutureAttention future;
  private final Limits limits;
  private final Leaks leaks;

  /**
   * @param leaks asked where the difference enters if no head attends to later tokens
   */
  CausalityJudge(
      CausalityProbe probe, @Nullable FutureAttention future, Limits limits, Leaks leaks) {
    this.probe = probe;
    this.future = future;
    this.limits = limits;
    this.leaks = leaks;
  }

  /** Whether nothing before a changed token changes. */
  static boolean isCausal(CausalityProbe probe, Limits limits) {
    return probe.before.own.compared() > 0
        && probe.before.own.largest() <= limits.betweenEqualShapes()
        && probe.after.own.largest() > limits.betweenEqualShapes();
  }

  /** Whether most heads are causal. */
  static boolean isMeantCausal(
      @Nullable CausalityProbe probe, @Nullable FutureAttention future, Limits limits) {
    return (probe != null && isCausal(probe, limits))
        || (future != null && future.hasData() && future.attendingAhead().size() < future.count());
  }

  Verdict verdict() {
    Difference before = probe.before.own;
    if (before.compared() == 0) {
      return new NoData(Kind.NO_EARLIER_TOKEN);
    }
    Control control = new Control(Change.EARLIER_TOKEN, probe.after.own.largest());
    Evidence evidence =
        Limits.evidence(
            before, limits.quantizes() ? limits.of(limits.limit) : limits.exact(), control);
    Difference alone = probe.beforeAlone.own;
    if (!limits.quantizes() && alone.compared() > 0) {
      boolean unpadded = alone.largest() == 0;
      boolean padded = before.largest() == 0;
      if (padded && !unpadded && probe.after.own.largest() > 0) {
        return new Fail(
            Kind.NOT_CAUSAL_UNPADDED, Limits.evidence(alone, limits.exact(), control), null);
      }
      if (unpadded && !padded && probe.afterAlone.own.largest() > 0) {
        return new Fail(Kind.CAUSAL_UNPADDED_ONLY, evidence, null);
      }
    }
    boolean headsSayIt = limits.quantizes() && future != null && future.hasData();
    if (before.largest() == 0 || (!headsSayIt && before.largest() <= limits.betweenEqualShapes())) {
      return probe.after.own.largest() > (limits.quantizes() ? limits.limit : 0)
          ? new Pass(new Causal(window()), evidence)
          : new Inconclusive(Kind.NO_TOKEN_DEPENDS, evidence);
    }
    return future != null && future.hasData() ? byHeads(future, evidence) : fromOutside(evidence);
  }

  private Verdict byHeads(FutureAttention heads, Evidence evidence) {
    List<Head> ahead = heads.attendingAhead();
    Head first = heads.first();
    if (first == null) {
      if (limits.quantizes()) {
        return new Pass(Kind.CAUSAL_BUT_QUANTISED, evidence);
      }
      return new Fail(Kind.LATER_TOKENS_OUTSIDE_ATTENTION, evidence, outside());
    }
    Leak leak = leaks.in(first.layer(), first.head(), first.ahead());
    if (ahead.size() < heads.count()) {
      List<Integer> layers = ahead.stream().map(Head::layer).distinct().toList();
      return new Fail(new SomeHeadsNotCausal(ahead.size(), heads.count(), layers), evidence, leak);
    }
    if (heads.farthestAhead() <= SHIFT
        && heads.farthestAhead() < heads.farthestBack()
        && heads.prefix() == heads.longest()
        && heads.longest() > 2 * SHIFT) {
      return new Fail(new CausalShifted(heads.farthestAhead(), true), evidence, leak);
    }
    return bidirectional(evidence);
  }

  private Verdict fromOutside(Evidence evidence) {
    if (probe.farthestAhead() <= SHIFT && !probe.allBeforeMoved()) {
      return new Fail(new CausalShifted(probe.farthestAhead(), false), evidence, outside());
    }
    return bidirectional(evidence);
  }

  /** Looked for only where it is said: it takes two more runs. */
  private @Nullable Leak outside() {
    return leaks.entry(probe.before.own, false);
  }

  private OptionalInt window() {
    return future != null && future.hasData() && future.farthestBack() < future.longest() - 1
        ? OptionalInt.of(future.farthestBack())
        : OptionalInt.empty();
  }

  private Verdict bidirectional(Evidence evidence) {
    boolean prefix =
        future != null
            && future.hasData()
            && future.prefix() < future.longest()
            && future.farthestBack() >= future.prefix();
    return new ByDesign(
        prefix && future != null ? new PrefixLm(future.prefix()) : Kind.BIDIRECTIONAL, evidence);
  }
}
