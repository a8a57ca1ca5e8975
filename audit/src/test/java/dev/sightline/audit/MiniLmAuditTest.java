package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.ArtifactSource;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.LoadedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The embedded model is real; what it must show is known. */
class MiniLmAuditTest {
  @Test
  void minilmInt8_isNumeric_withNoAttentionOnPadding() throws IOException {
    try (LoadedModel minilm =
        Catalog.load().find("minilm-int8").orElseThrow().load(new Embedded())) {
      List<String> texts =
          List.of(
              "Short.",
              "A text of medium length about nothing in particular.",
              "The third one is the longest of the three by far, and it is there so that both"
                  + " of the others need a good deal of padding in every batch.");
      AuditResult result =
          Audit.of(minilm.model()).tokenizer(minilm.requireTokenizer()).texts(texts).run();

      assertThat(result.conclusion().outcome()).isEqualTo(Outcome.ROUNDING);
      assertThat(Answer.of(result).headline()).contains("8-bit rounding depends on the batch");
      assertThat(
              requireNonNull(result.finding(Probe.PAD_CONTENT).verdict().evidence()).difference())
          .isBetween(0.05, 1.0);
      assertThat(requireNonNull(result.paddingMass()).max()).hasValue(0);
      assertThat(result.attention().found()).hasSize(6);
      assertThat(requireNonNull(result.paddingMass()).layers())
          .allMatch(layer -> layer.max().size() == 12);
    }
  }

  /** The model is on the test's class path: nothing may be fetched. */
  private static final class Embedded implements ArtifactSource {
    @Override
    public Optional<Path> cached(String groupId, String artifactId, String version) {
      throw new AssertionError("fetched " + artifactId);
    }

    @Override
    public Path fetch(String groupId, String artifactId, String version) {
      throw new AssertionError("fetched " + artifactId);
    }
  }
}
