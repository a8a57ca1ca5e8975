package dev.sightline.audit;

import dev.sightline.audit.Answer.Fault;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import java.util.List;

/**
 * How much the faults of an audit matter: one number, of the comparison that callers meet first.
 */
final class ConsequenceText {
  /** What happens in use, before what is done only to find faults. */
  private static final List<Probe> FIRST =
      List.of(
          Probe.BATCH,
          Probe.POOLING,
          Probe.PAD_LEFT,
          Probe.PAD_LENGTH,
          Probe.CROSS_MASK,
          Probe.PAD_CONTENT,
          Probe.SIDE_CONTENT,
          Probe.CAUSALITY,
          Probe.NEIGHBOUR,
          Probe.CACHE,
          Probe.DECLARED_OUTSIDE);

  private ConsequenceText() {}

  /** Returns the effect; empty if nothing changed. */
  static String of(AuditResult result, List<Fault> faults) {
    List<Finding> findings = faults.stream().flatMap(f -> f.findings().stream()).toList();
    for (Probe probe : FIRST) {
      for (Finding finding : findings) {
        Evidence evidence = finding.verdict().evidence();
        if (finding.probe() == probe && evidence != null && evidence.difference() != 0) {
          return of(probe, evidence);
        }
      }
    }
    return "";
  }

  private static String of(Probe probe, Evidence evidence) {
    Effect effect = evidence.effect();
    return effect == null
        ? "an output value changes by up to " + Phrases.number(evidence.difference())
        : EffectText.of(effect, compared(probe));
  }

  /** What a probe compares, in words. */
  static String compared(Probe probe) {
    return switch (probe) {
      case BATCH -> "alone against batched";
      case POOLING -> "pooled with padding against without";
      case PAD_LEFT -> "alone against padded on the left";
      case PAD_INTERIOR -> "alone against padded in the middle";
      case PAD_LENGTH -> "with more padding";
      case PAD_CONTENT, CROSS_MASK -> "with other padding";
      case SIDE_CONTENT -> "with other padding before it";
      case CAUSALITY -> "with another later token";
      case NEIGHBOUR -> "beside other texts";
      case CACHE -> "in steps with a cache against one run";
      case POSITIONS -> "with other positions";
      case MASK_VALUE -> "with another mask";
      case PADDING_MASS, DECLARED_INSIDE, DECLARED_OUTSIDE, INSTRUMENTED, FUSED -> "";
    };
  }
}
