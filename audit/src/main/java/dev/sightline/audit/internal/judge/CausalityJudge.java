package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Localiser;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.Patterns;
import dev.sightline.audit.internal.probe.Patterns.Head;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.Pass;
import java.util.List;
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
  private final @Nullable Patterns patterns;
  private final Limits limits;
  private final Observations.Entries entries;

  /**
   * @param entries asked where the difference enters if no head looks ahead
   */
  CausalityJudge(
      CausalityProbe probe,
      @Nullable Patterns patterns,
      Limits limits,
      Observations.Entries entries) {
    this.probe = probe;
    this.patterns = patterns;
    this.limits = limits;
    this.entries = entries;
  }

  /** Whether nothing before a changed token moves. */
  static boolean isCausal(CausalityProbe probe, Limits limits) {
    return probe.before.own.compared() > 0
        && probe.before.own.largest() <= limits.betweenEqualShapes()
        && probe.after.own.largest() > limits.betweenEqualShapes();
  }

  /** Whether most heads are causal. */
  static boolean isMeantCausal(CausalityProbe probe, @Nullable Patterns patterns, Limits limits) {
    return isCausal(probe, limits)
        || (patterns != null
            && patterns.hasData()
            && patterns.lookingAhead().size() < patterns.count());
  }

  Verdict verdict() {
    Difference before = probe.before.own;
    if (before.compared() == 0) {
      return new NoData("No text has a token before another to compare.");
    }
    Control control = new Control("tokens after the changed one", probe.after.own.largest());
    Evidence evidence =
        Limits.evidence(
            before, limits.quantizes() ? limits.of(limits.limit) : limits.exact(), control);
    if (before.largest() <= (limits.quantizes() ? limits.limit : 0)) {
      return probe.after.own.largest() > (limits.quantizes() ? limits.limit : 0)
          ? new Pass("Causal: no token sees one after it" + window(), evidence)
          : new Inconclusive(
              "No token notices that another one changed, so nothing is proved.", evidence);
    }
    return patterns != null && patterns.hasData()
        ? byHeads(patterns, evidence)
        : fromOutside(evidence);
  }

  private Verdict byHeads(Patterns heads, Evidence evidence) {
    List<Head> ahead = heads.lookingAhead();
    Head first = heads.first();
    if (first == null) {
      if (limits.quantizes()) {
        return new Pass(
            "Causal: no head looks ahead. Results move by rounding to 8 bits.", evidence);
      }
      Leak outside = outside();
      return new Fail(
          "A token sees those after it, though no head looks ahead: the leak is outside attention"
              + (outside == null ? "." : ", before layer " + outside.layer() + "."),
          evidence,
          outside);
    }
    Leak leak = new Leak(first.layer(), first.head(), first.ahead());
    if (ahead.size() < heads.count()) {
      return new Fail(
          ahead.size()
              + " of "
              + heads.count()
              + " heads look at later tokens and the others cannot: the model is causal, but "
              + where(ahead)
              + " (head "
              + first.head()
              + " of layer "
              + first.layer()
              + " gives a later token up to "
              + Limits.percent(first.ahead())
              + " of its attention).",
          evidence,
          leak);
    }
    if (heads.farthestAhead() <= SHIFT
        && heads.farthestAhead() < heads.farthestBack()
        && heads.longest() > 2 * SHIFT) {
      return new Fail(
          "Every head sees exactly "
              + heads.farthestAhead()
              + " later token"
              + (heads.farthestAhead() == 1 ? "" : "s")
              + " and no more: a causal mask that is off by "
              + heads.farthestAhead()
              + ", from layer "
              + first.layer()
              + " on.",
          evidence,
          leak);
    }
    return bidirectional(evidence);
  }

  private static String where(List<Head> ahead) {
    List<Integer> layers = ahead.stream().map(Head::layer).distinct().toList();
    return (layers.size() == 1 ? "layer " : "layers ")
        + String.join(", ", layers.stream().map(String::valueOf).toList())
        + (layers.size() == 1 ? " is not" : " are not");
  }

  private Verdict fromOutside(Evidence evidence) {
    if (probe.farthestAhead() <= SHIFT && !probe.allBeforeMoved()) {
      return new Fail(
          "A token notices a change up to "
              + probe.farthestAhead()
              + " tokens ahead and no farther: a causal mask that is off by a little.",
          evidence,
          outside());
    }
    return bidirectional(evidence);
  }

  /** Looked for only where it is said: it takes two more runs. */
  private @Nullable Leak outside() {
    Localiser.Entry entry = entries.of(probe.before.own);
    return entry == null ? null : new Leak(entry.layer(), entry.head(), 0);
  }

  private String window() {
    return patterns != null
            && patterns.hasData()
            && patterns.farthestBack() < patterns.longest() - 1
        ? ", and no head attends more than " + patterns.farthestBack() + " tokens back."
        : ".";
  }

  private Verdict bidirectional(Evidence evidence) {
    boolean prefix =
        patterns != null
            && patterns.hasData()
            && patterns.prefix() < patterns.longest()
            && patterns.farthestBack() >= patterns.prefix();
    return new ByDesign(
        prefix && patterns != null
            ? "The model looks ahead among the first "
                + patterns.prefix()
                + " tokens and only back behind them, as a prefix-LM does."
            : "The model is bidirectional. If it should be causal, say --expect causal.",
        evidence);
  }
}
