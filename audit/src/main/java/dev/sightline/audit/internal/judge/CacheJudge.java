package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.cache.CacheObservations;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.CacheHolds;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.audit.result.Verdict.Rounding;
import dev.sightline.data.Padding;
import java.util.List;
import java.util.stream.Stream;

/**
 * Judges steps with a cache. A fault that shows without a cache is reported there, once: what the
 * steps make of it is its consequence.
 */
final class CacheJudge {
  /** A change that is so much smaller than one by other keys and values is quantisation. */
  private static final double SMALL = 0.25;

  private final CacheObservations seen;
  private final Limits limits;
  private final List<Finding> others;

  /**
   * A judge of one model.
   *
   * @param others what was found without a cache
   */
  CacheJudge(CacheObservations seen, Limits limits, List<Finding> others) {
    this.seen = seen;
    this.limits = limits;
    this.others = others;
  }

  Verdict verdict() {
    if (!seen.whyNot().isEmpty()) {
      return new NoData(new NotMeasured(seen.whyNot()));
    }
    Difference content = seen.content().atTokens();
    Difference joint = seen.joint().atTokens();
    Difference rows = seen.neighbour().atTokens();
    Difference batch = seen.batch().atTokens();
    Difference padded = seen.padded().atTokens();
    boolean nanRow = Double.isNaN(padded.largest());
    if (!nanRow && exceeds(content, limits.betweenEqualShapes())) {
      return ofContent(content);
    }
    if (exceeds(rows, limits.betweenEqualShapes())) {
      return fault(Kind.CACHE_ROWS_MIX, rows, Probe.NEIGHBOUR, Probe.BATCH);
    }
    if (exceeds(joint, limits.limit)) {
      return fault(Kind.STEP_DIFFERS, joint, Probe.CAUSALITY, Probe.POSITIONS, Probe.NEIGHBOUR);
    }
    boolean shifted =
        exceeds(padded, limits.limit)
            && !nanRow
            && !seen.byLengths()
            && hasOutcome(shiftProbe(), Outcome.PAD_RIGHT_ONLY);
    if (!shifted && exceeds(padded, limits.limit)) {
      return fault(
          Kind.STEP_DIFFERS_PADDED, padded, Probe.PAD_CONTENT, Probe.SIDE_CONTENT, shiftProbe());
    }
    if (exceeds(batch, limits.limit)) {
      return fault(Kind.CACHE_ROWS_MIX, batch, Probe.BATCH, Probe.NEIGHBOUR, Probe.SIDE_CONTENT);
    }
    return holds(
        shifted,
        Stream.of(joint, batch, shifted ? joint : padded)
            .filter(d -> d.compared() > 0)
            .reduce((a, b) -> b.largest() > a.largest() ? b : a)
            .orElse(joint));
  }

  private Verdict holds(boolean shifted, Difference worst) {
    Evidence evidence = evidence(worst, limits.limit);
    if (worst.compared() == 0) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    if (!(seen.control().largest() > limits.limit)) {
      return new Inconclusive(Kind.CONTROL_UNCHANGED, evidence);
    }
    Cause cause = new CacheHolds(seen.masked(), shifted, seen.chunks());
    return worst.largest() <= limits.rounding
        ? new Pass(cause, evidence)
        : new Rounding(limits.source(worst), evidence);
  }

  private Verdict ofContent(Difference content) {
    Evidence evidence = evidence(content, limits.betweenEqualShapes());
    if (failed(Probe.PAD_CONTENT, Probe.SIDE_CONTENT)) {
      return new Inconclusive(Kind.SAME_WITHOUT_CACHE, evidence);
    }
    Leak leak = seen.leaks().of(content);
    return leak == null && isQuantisation(content)
        ? new Rounding(Kind.QUANTISATION, evidence)
        : new Fail(Kind.PAST_MASK_IGNORED, evidence, leak);
  }

  private Verdict fault(Kind kind, Difference difference, Probe... sameFault) {
    Evidence evidence = evidence(difference, limits.limit);
    if (failed(sameFault)) {
      return new Inconclusive(Kind.SAME_WITHOUT_CACHE, evidence);
    }
    return isQuantisation(difference)
        ? new Rounding(Kind.QUANTISATION, evidence)
        : new Fail(kind, evidence, null);
  }

  private boolean isQuantisation(Difference difference) {
    return limits.quantizes() && difference.largest() < SMALL * seen.control().largest();
  }

  private Evidence evidence(Difference difference, double limit) {
    Control control = new Control(Change.CACHE_OF_REAL_TOKENS, seen.control().atTokens().largest());
    return Limits.evidence(difference, limits.of(limit), control);
  }

  private static boolean exceeds(Difference difference, double limit) {
    return difference.compared() > 0 && !(difference.largest() <= limit);
  }

  /** The probe without a cache that pads a text as the padding of the steps does. */
  private Probe shiftProbe() {
    return seen.side() == Padding.LEFT ? Probe.PAD_LEFT : Probe.PAD_INTERIOR;
  }

  private boolean failed(Probe... probes) {
    return Stream.of(probes).anyMatch(probe -> hasOutcome(probe, Outcome.FAIL));
  }

  private boolean hasOutcome(Probe probe, Outcome outcome) {
    return others.stream().anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }
}
