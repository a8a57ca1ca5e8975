package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Audit;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Real models whose truth is known, fetched as a user would fetch them. */
class ShippedModelsTest {
  private static final List<String> TEXTS =
      List.of(
          "Hi.",
          "A mask says which token may look at which.",
          "The longest of these texts, whose only purpose is that the others need a lot of padding"
              + " when they share a batch with it.");

  @Test
  void minilm_passes_withADifferenceOfExactlyZero() throws IOException {
    AuditResult result = audit("minilm");

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.PASS);
    assertThat(evidence(result, Probe.PAD_CONTENT).difference()).isZero();
    assertThat(evidence(result, Probe.PADDING_MASS).difference()).isZero();
    assertThat(Objects.requireNonNull(evidence(result, Probe.PAD_CONTENT).control()).difference())
        .isGreaterThan(0.5);
  }

  @Test
  void bgeSmallInt8_isNumeric_withNoAttentionOnPadding() throws IOException {
    AuditResult result = audit("bge-small-int8");

    assertThat(result.conclusion().outcome()).isEqualTo(Outcome.ROUNDING);
    assertThat(evidence(result, Probe.PAD_CONTENT).difference()).isBetween(0.05, 0.6);
    assertThat(evidence(result, Probe.PADDING_MASS).difference()).isZero();
    assertThat(result.attention().found()).hasSize(12);
  }

  private static AuditResult audit(String name) throws IOException {
    try (LoadedModel loaded = new ModelSource().load(name, null)) {
      Tokenizer tokenizer = Objects.requireNonNull(loaded.tokenizer());
      return Audit.of(loaded.model()).tokenizer(tokenizer).texts(TEXTS).run();
    }
  }

  private static Evidence evidence(AuditResult result, Probe probe) {
    return Objects.requireNonNull(result.finding(probe).verdict().evidence());
  }
}
