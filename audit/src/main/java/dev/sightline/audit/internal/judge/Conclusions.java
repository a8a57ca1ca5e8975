package dev.sightline.audit.internal.judge;

import dev.sightline.audit.result.AuditResult.Conclusion;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Summary;
import dev.sightline.audit.result.Verdict.Outcome;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Sums up the findings. */
public final class Conclusions {
  private Conclusions() {}

  /** The worst of: a failed probe, a changed result, a probe that proves nothing. */
  public static Conclusion of(List<Finding> findings, boolean quantizesDynamically) {
    if (has(findings, Outcome.FAIL)) {
      return new Conclusion(Outcome.FAIL, failed(findings));
    }
    boolean proven =
        findings.stream()
            .anyMatch(f -> PADDING.contains(f.probe()) && f.verdict().outcome() == Outcome.PASS);
    boolean harmless =
        findings.stream()
            .anyMatch(f ->
                f.probe() == Probe.MASK_VALUE && f.verdict().outcome() == Outcome.INCONCLUSIVE);
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
    if (proven) {
      return new Conclusion(Outcome.PASS, Summary.MASK_HOLDS);
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
    if (probes.contains(Probe.DECLARED_INSIDE) || probes.contains(Probe.DECLARED_OUTSIDE)) {
      return Summary.DECLARED_MASK_FAILS;
    }
    if (probes.contains(Probe.MASK_VALUE)) {
      return Summary.MASK_NOT_READ;
    }
    if (probes.equals(EnumSet.of(Probe.CAUSALITY))) {
      return Summary.NOT_CAUSAL;
    }
    if (EnumSet.of(Probe.NEIGHBOUR, Probe.BATCH).containsAll(probes)) {
      return Summary.ROWS_DEPEND;
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

  private static boolean has(List<Finding> findings, Probe probe, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.probe() == probe && f.verdict().outcome() == outcome);
  }

  private static boolean has(List<Finding> findings, Outcome outcome) {
    return findings.stream().anyMatch(f -> f.verdict().outcome() == outcome);
  }
}
