package dev.sightline.junit;

import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Effect.EmbeddingCosine;
import dev.sightline.audit.result.Effect.NotFinite;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Probe;
import java.util.Comparator;
import java.util.Optional;

/** How much the embedding of a text differs alone and in a batch. */
final class EmbeddingCosines {
  private EmbeddingCosines() {}

  /**
   * The lowest cosine.
   *
   * @param cosine -1..1; NaN if an output is
   * @param meaning the same in words
   */
  record Lowest(double cosine, String meaning) {
    @Override
    public String toString() {
      return meaning;
    }
  }

  /** Returns the lowest cosine of a text's embedding in two runs; empty if none was compared. */
  static Optional<Lowest> lowest(AuditResult result) {
    return result.findings().stream()
        .filter(finding -> finding.probe() == Probe.BATCH)
        .map(Finding::verdict)
        .flatMap(verdict -> Optional.ofNullable(verdict.evidence()).stream())
        .flatMap(evidence -> lowest(evidence).stream())
        .min(Comparator.comparingDouble(one -> Double.isNaN(one.cosine()) ? -2 : one.cosine()));
  }

  private static Optional<Lowest> lowest(Evidence evidence) {
    return switch (evidence.effect()) {
      case EmbeddingCosine effect ->
          Optional.of(new Lowest(effect.value(), VerdictText.of(effect)));
      case NotFinite effect -> Optional.of(new Lowest(Double.NaN, VerdictText.of(effect)));
      case null, default -> Optional.empty();
    };
  }
}
