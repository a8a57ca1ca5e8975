package dev.sightline.audit.internal.judge;

import dev.sightline.audit.result.AuditResult.Conclusion;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.Cause.HarmlessAfterText;
import dev.sightline.audit.result.Cause.Kind;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Sums up the findings. */
public final class Conclusions {
  private Conclusions() {}

  /** Fewer tokens cannot show what attention does: one has no other token to attend to. */
  private static final int LEAST_TOKENS = 3;

  /**
   * The worst of: a failed probe, a changed result, a probe that proves nothing.
   *
   * @param longest the most tokens that an input of any sample has; 0 if it has none
   */
  public static Conclusion of(List<Finding> findings, boolean quantizesDynamically, int longest) {
    Conclusion conclusion = of(findings, quantizesDynamically);
    boolean ofPadding =
        conclusion.summary() == Summary.MASK_HOLDS
            || conclusion.summary() == Summary.PADDING_FROM_IDS;
    return ofPadding && longest < LEAST_TOKENS
        ? new Conclusion(Outcome.INCONCLUSIVE, Summary.NOTHING_PROVED)
        : conclusion;
  }

  private static Conclusion of(List<Finding> findings, boolean quantizesDynamically) {
    if (has(findings, Outcome.FAIL)) {
      return new Conclusion(Outcome.FAIL, failed(findings));
    }
    boolean proven =
        findings.stream()
            .anyMatch(f -> PADDING.contains(f.probe()) && f.verdict().outcome() == Outcome.PASS);
    if (findings.stream().anyMatch(f -> f.verdict().cause() == Kind.TOKEN_WISE)) {
      return new Conclusion(Outcome.INCONCLUSIVE, Summary.TOKEN_WISE);
    }
    boolean harmless =
        findings.stream()
            .anyMatch(f ->
                f.probe() == Probe.MASK_VALUE && f.verdict().cause() instanceof HarmlessAfterText);
    if (harmless) {
      return new Conclusion(Outcome.INCONCLUSIVE, Summary.HARMLESS_AFTER_TEXT);
    }
    if (has(findings, Outcome.ROUNDING) && !onlyProbing(findings)) {
      return new Conclusion(
          Outcome.ROUNDING, quantizesDynamically ? Summary.QUANTISATION : Summary.NOISE);
    }
    if (has(findings, Probe.DECLARED_INSIDE, Outcome.PASS)
        && has(findings, Probe.DECLARED_OUTSIDE, Outcome.PASS)) {
      return new Conclusion(Outcome.PASS, Summary.DECLARED_MASK_HOLDS);
    }
    Optional<Outcome> oneSide =
        findings.stream()
            .map(Finding::verdict)
            .filter(v -> v.cause() == Kind.OTHER_SIDE)
            .map(Verdict::outcome)
            .findFirst();
    if (oneSide.isPresent()) {
      return new Conclusion(
          oneSide.get(),
          oneSide.get() == Outcome.PAD_LEFT_ONLY ? Summary.LEFT_SIDE : Summary.RIGHT_SIDE);
    }
    if (proven) {
      return new Conclusion(Outcome.PASS, Summary.MASK_HOLDS);
    }
    boolean byId =
        findings.stream()
            .anyMatch(
                f -> PADDING.contains(f.probe()) && f.verdict().cause() == Kind.PADDING_FROM_IDS);
    if (byId && has(findings, Probe.BATCH, Outcome.PASS)) {
      return new Conclusion(Outcome.PASS, Summary.PADDING_FROM_IDS);
    }
    if (findings.stream().anyMatch(f -> f.verdict().cause() == Kind.NOTHING_TO_MASK)) {
      return new Conclusion(Outcome.NOT_APPLICABLE, Summary.NOTHING_TO_MASK);
    }
    if (has(findings, Probe.MASK_VALUE, Outcome.BY_DESIGN)) {
      return new Conclusion(Outcome.BY_DESIGN, Summary.NO_MASK_INPUT);
    }
    return has(findings, Outcome.INCONCLUSIVE)
        ? new Conclusion(Outcome.INCONCLUSIVE, Summary.NOTHING_PROVED)
        : new Conclusion(Outcome.NO_DATA, Summary.NO_DATA);
  }

  private static final Set<Probe> PADDING =
      EnumSet.of(Probe.PAD_CONTENT, Probe.SIDE_CONTENT, Probe.CROSS_MASK);

  /** Whether only the added probe outputs or the fusion change results. */
  private static boolean onlyProbing(List<Finding> findings) {
    return findings.stream()
        .filter(f -> f.verdict().outcome() == Outcome.ROUNDING)
        .allMatch(f -> f.probe() == Probe.INSTRUMENTED || f.probe() == Probe.FUSED);
  }

  private static Summary failed(List<Finding> findings) {
    List<Finding> failed =
        findings.stream().filter(f -> f.verdict().outcome() == Outcome.FAIL).toList();
    Set<Probe> probes = EnumSet.noneOf(Probe.class);
    failed.forEach(f -> probes.add(f.probe()));
    Set<Cause> causes = failed.stream().map(f -> f.verdict().cause()).collect(Collectors.toSet());
    if (!probes.contains(Probe.DECLARED_OUTSIDE)
        && causes.stream().anyMatch(Cause.Narrower.class::isInstance)) {
      return Summary.DECLARED_MASK_NARROWER;
    }
    if (probes.contains(Probe.DECLARED_INSIDE) || probes.contains(Probe.DECLARED_OUTSIDE)) {
      return Summary.DECLARED_MASK_FAILS;
    }
    if (probes.contains(Probe.NEIGHBOUR)) {
      return Summary.ROWS_DEPEND;
    }
    if (causes.contains(Kind.NOT_CAUSAL_UNPADDED)) {
      return Summary.NOT_CAUSAL_UNPADDED;
    }
    if (causes.contains(Kind.CAUSAL_UNPADDED_ONLY)) {
      return Summary.CAUSAL_UNPADDED_ONLY;
    }
    if (failed.stream().anyMatch(f -> isNotFinite(f.verdict()))) {
      return Summary.NOT_FINITE;
    }
    if (probes.contains(Probe.MASK_VALUE)) {
      return Summary.MASK_NOT_READ;
    }
    if (causes.equals(Set.of(Kind.LATER_TOKENS_OUTSIDE_ATTENTION))) {
      return Summary.LATER_TOKENS_OUTSIDE_ATTENTION;
    }
    if (probes.equals(EnumSet.of(Probe.CAUSALITY))) {
      return Summary.NOT_CAUSAL;
    }
    if (probes.equals(EnumSet.of(Probe.BATCH))) {
      return Summary.ROWS_DEPEND;
    }
    if (probes.equals(EnumSet.of(Probe.CACHE))) {
      return Summary.CACHE_FAILS;
    }
    if (EnumSet.of(Probe.POOLING, Probe.BATCH).containsAll(probes)) {
      return Summary.POOLING_FAILS;
    }
    if (EnumSet.of(Probe.POSITIONS, Probe.PAD_LEFT, Probe.PAD_INTERIOR).containsAll(probes)) {
      return Summary.POSITIONS_FAIL;
    }
    return probes.contains(Probe.PAD_CONTENT)
            || probes.contains(Probe.PAD_LENGTH)
            || probes.contains(Probe.CROSS_MASK)
        ? Summary.PADDING_REACHES
        : Summary.PADDING_BEFORE_TEXT_REACHES;
  }

  private static boolean isNotFinite(Verdict verdict) {
    Evidence evidence = verdict.evidence();
    return evidence != null && Double.isNaN(evidence.difference());
  }

  private static boolean has(List<Finding> findings, Probe probe, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }

  private static boolean has(List<Finding> findings, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.verdict().outcome() == outcome);
  }
}
