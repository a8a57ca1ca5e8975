package dev.sightline.audit.internal.judge;

import dev.sightline.audit.internal.cache.CacheObservations;
import dev.sightline.audit.internal.probe.CausalityProbe;
import dev.sightline.audit.internal.probe.Difference;
import dev.sightline.audit.internal.probe.Observations;
import dev.sightline.audit.internal.probe.OutputDelta;
import dev.sightline.audit.internal.probe.RowProbes;
import dev.sightline.audit.internal.probe.StreamProbes;
import dev.sightline.audit.internal.probe.TappedModel;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.AttendsToPadding;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Cause.NotMeasured;
import dev.sightline.audit.result.Cause.ProbeOutputsChange;
import dev.sightline.audit.result.Cause.TakesOneRow;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Evidence.Change;
import dev.sightline.audit.result.Evidence.Control;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.Limit.Exact;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.ByDesign;
import dev.sightline.audit.result.Verdict.Fail;
import dev.sightline.audit.result.Verdict.Inconclusive;
import dev.sightline.audit.result.Verdict.Leak;
import dev.sightline.audit.result.Verdict.NoData;
import dev.sightline.audit.result.Verdict.NotApplicable;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.result.Verdict.PadLeftOnly;
import dev.sightline.audit.result.Verdict.Pass;
import dev.sightline.audit.result.Verdict.Rounding;
import dev.sightline.data.Padding;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns observations into verdicts. */
public final class Judge {
  private final Observations seen;
  private final @Nullable CacheObservations cache;
  private final Limits limits;
  private final Leaks leaks;

  /**
   * A judge of one model.
   *
   * @param cache what was seen of steps with a cache; null if the model takes none
   */
  public Judge(Observations seen, @Nullable CacheObservations cache) {
    this.seen = seen;
    this.cache = cache;
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
      List<Finding> own = new StreamJudge(seen, stream, limits, leaks, isCausal(stream)).findings();
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
          seen.model().attention().found().isEmpty()
                  && seen.model().attention().rejected().isEmpty()
              ? new NotApplicable(Kind.NOTHING_TO_MASK)
              : new ByDesign(Kind.NO_MASK_INPUT, null);
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
    if (cache != null) {
      Verdict steps = new CacheJudge(cache, limits, findings).verdict();
      findings.add(new Finding(Probe.CACHE, name(cache.stream()), steps));
    }
    findings.add(new Finding(Probe.PADDING_MASS, paddingMass(harmless)));
    findings.add(new Finding(Probe.INSTRUMENTED, instrumented()));
    findings.add(new Finding(Probe.FUSED, fused()));
    return findings;
  }

  private boolean isCausal(StreamProbes stream) {
    return CausalityJudge.isMeantCausal(
        seen.causality().get(stream.index()), seen.future().get(stream.index()), limits);
  }

  private JudgedSides sides(StreamProbes stream) {
    return JudgedSides.of(seen, stream, isCausal(stream));
  }

  private Finding causality(int stream, CausalityProbe probe) {
    Verdict verdict = new CausalityJudge(probe, seen.future().get(stream), limits, leaks).verdict();
    return new Finding(Probe.CAUSALITY, name(stream), verdict);
  }

  /** Nothing to tell apart where there is one stream. */
  private String name(int stream) {
    boolean only = seen.model().roles().streams().size() == 1;
    return only ? "" : seen.model().roles().streams().get(stream).name();
  }

  private Verdict unmasked(OutputDelta delta) {
    Difference worst = delta.worst();
    if (worst.compared() == 0) {
      return new NotApplicable(Kind.STREAM_WITHOUT_MASK);
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.rounding), null);
    return worst.largest() <= limits.rounding
        ? new Pass(Kind.UNCHANGED, evidence)
        : new ByDesign(Kind.CHANGED, evidence);
  }

  private Verdict neighbour() {
    RowProbes rows = seen.rows();
    if (rows.refusal != null) {
      return new Fail(
          new TakesOneRow(rows.refusal),
          Limits.evidence(rows.neighbour.worst(), limits.exact(), null),
          null);
    }
    Difference worst = rows.neighbour.worst();
    Difference noise = rows.noise.worst();
    if (worst.largest() == 0 && !limits.quantizes() && noise.largest() > limits.rounding) {
      Evidence evidence = Limits.evidence(noise, limits.of(limits.rounding), null);
      return new Fail(Kind.ROWS_COUNT, evidence, leaks.entry(noise, true));
    }
    if (worst.compared() == 0) {
      return new NotApplicable(Kind.FIXED_ROWS);
    }
    if (Double.isNaN(worst.largest())) {
      return new NoData(Kind.NOT_FINITE);
    }
    if (worst.largest() == 0) {
      return new Pass(Kind.UNCHANGED, Limits.evidence(worst, limits.exact(), null));
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.betweenEqualShapes()), null);
    return worst.largest() <= limits.betweenEqualShapes()
        ? new Rounding(limits.source(worst), evidence)
        : new Fail(Kind.CHANGED, evidence, leaks.entry(worst, true));
  }

  /** Returns how a text in a batch is judged, by what was seen of all samples. */
  public BatchRule batchRule() {
    boolean isAsked = !seen.rows().isOneRow() && seen.rows().batch.worst().compared() > 0;
    boolean isLeftOnly =
        leaks.layersOnPadding().isEmpty()
            && seen.streams().stream().noneMatch(stream -> sides(stream).include(Padding.RIGHT));
    Outcome exceeded =
        seen.streams().isEmpty()
            ? Outcome.BY_DESIGN
            : isLeftOnly ? Outcome.PAD_LEFT_ONLY : Outcome.FAIL;
    return limits.rule(
        exceeded, leaks.layersOnPadding().isEmpty(), isAsked ? null : Outcome.NOT_APPLICABLE);
  }

  private Verdict batch() {
    Difference worst = seen.rows().batch.worst();
    if (seen.rows().isOneRow()) {
      return new NotApplicable(Kind.ROWS_MIX);
    }
    if (worst.compared() == 0) {
      return new NotApplicable(Kind.FIXED_ROWS);
    }
    Evidence evidence =
        Limits.evidence(worst, limits.of(limits.limit), null).with(seen.rows().batch.effect());
    return switch (batchRule().outcome(worst.largest(), worst.cosine())) {
      case PASS -> new Pass(Kind.UNCHANGED, evidence);
      case ROUNDING -> new Rounding(limits.source(worst), evidence);
      case BY_DESIGN -> new ByDesign(Kind.NO_MASK_INPUT, evidence);
      case PAD_LEFT_ONLY -> new PadLeftOnly(Kind.OTHER_SIDE, evidence);
      default -> new Fail(Kind.CHANGED, evidence, paddingLeak(worst));
    };
  }

  /** Where what padding holds enters, of which a text in a batch has some. */
  private @Nullable Leak paddingLeak(Difference batch) {
    for (StreamProbes stream : seen.streams()) {
      Difference content = stream.on(Padding.RIGHT).content().atTokens();
      if (!(content.largest() <= limits.betweenEqualShapes())) {
        return leaks.of(stream.index(), content);
      }
    }
    return leaks.of(seen.streams().getFirst().index(), batch);
  }

  private Verdict paddingMass(boolean harmless) {
    TappedModel inside = seen.inside();
    PaddingMass right = leaks.right();
    PaddingMass left = leaks.left();
    if (seen.streams().isEmpty()) {
      return new NotApplicable(Kind.NO_MASK_INPUT);
    }
    if (inside == null || right == null || left == null) {
      return new NoData(new NotMeasured(seen.whyNotInside()));
    }
    double before = left.max().orElse(0);
    double after = right.max().orElse(0);
    PaddingMass worse = before > after || Double.isNaN(before) ? left : right;
    if (worse.max().isEmpty()) {
      return new NoData(Kind.NOTHING_COMPARED);
    }
    double largest = worse.max().getAsDouble();
    Evidence evidence =
        new Evidence(
            largest,
            new Limit(0, Exact.MASKED_KEY),
            worse.queries(),
            worse.worst(),
            null,
            new Control(Change.ATTENTION_ON_PADDING, inside.unmasked()));
    List<Integer> layers = leaks.layersOnPadding();
    if (layers.isEmpty()) {
      return inside.unmasked() > 0
          ? new Pass(Kind.UNCHANGED, evidence)
          : new Inconclusive(Kind.CONTROL_UNCHANGED, evidence);
    }
    boolean finite = !Double.isNaN(largest); // a NaN shows where it arrives, not where it begins
    Leak leak = null;
    for (StreamProbes stream : seen.streams()) {
      leak = leak == null && finite ? leaks.onPadding(stream.index()) : leak;
    }
    Cause cause = new AttendsToPadding(layers, finite, after == 0);
    return harmless ? new Inconclusive(cause, evidence) : new Fail(cause, evidence, leak);
  }

  private Verdict instrumented() {
    TappedModel inside = seen.inside();
    if (inside == null) {
      return new NoData(new NotMeasured(seen.whyNotInside()));
    }
    Difference worst = inside.instrumented.worst();
    if (worst.largest() <= limits.rounding) {
      return new Pass(Kind.UNCHANGED, Limits.evidence(worst, limits.of(limits.rounding), null));
    }
    if (worst.largest() <= limits.limit) {
      return new Rounding(Kind.NOISE, Limits.evidence(worst, limits.of(limits.limit), null));
    }
    return new NoData(new ProbeOutputsChange(worst.largest(), limits.limit));
  }

  private Verdict fused() {
    Difference worst = seen.fused().worst();
    if (worst.compared() == 0) {
      return new NoData(Kind.NO_UNFUSED_RUN);
    }
    Evidence evidence = Limits.evidence(worst, limits.of(limits.limit), null);
    return worst.largest() <= limits.rounding
        ? new Pass(Kind.UNCHANGED, evidence)
        : new Rounding(limits.quantizes() ? Kind.QUANTISATION : Kind.NOISE, evidence);
  }
}
