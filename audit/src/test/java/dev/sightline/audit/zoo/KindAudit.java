package dev.sightline.audit.zoo;

import dev.sightline.audit.Audit;
import dev.sightline.audit.VerdictText;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Finding;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.onnx.Model;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Audits of small models, fed with random tokens after the runs that tell what their inputs are.
 */
public final class KindAudit {
  private KindAudit() {}

  /** Audits a model with the padding id 0. */
  public static AuditResult of(byte[] bytes, String name) throws IOException {
    Model model = ModelExperiments.resolve(Model.parse(bytes, name), 0, Optional.empty());
    return Audit.of(model).padId(0).samples(new RandomTokens(model, 0, 1).samples(4)).run();
  }

  /** Returns the findings that are faults. */
  public static List<Finding> failures(AuditResult result) {
    return result.findings().stream().filter(f -> f.verdict().outcome() == Outcome.FAIL).toList();
  }

  /** Returns all verdicts in words, a line each. */
  public static String words(AuditResult result) {
    StringBuilder words = new StringBuilder(result.conclusion().toString());
    for (Finding finding : result.findings()) {
      words.append(
          "%n%s %s %s: %s"
              .formatted(
                  finding.verdict().outcome(),
                  finding.probe().id(),
                  finding.stream(),
                  VerdictText.of(finding)));
    }
    return words.toString();
  }
}
