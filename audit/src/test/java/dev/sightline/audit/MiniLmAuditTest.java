package dev.sightline.audit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.ArtifactSource;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
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

  /** The cosine that is told is that of the two embeddings which a user would compute. */
  @Test
  void lowestCosine_isThatOfTheEmbeddings() throws IOException {
    try (LoadedModel minilm =
        Catalog.load().find("minilm-int8").orElseThrow().load(new Embedded())) {
      List<String> texts =
          List.of(
              "Short.", "It rains cats and dogs today.", "One more text, of eight words it is.");
      AuditResult result =
          Audit.of(minilm.model()).tokenizer(minilm.requireTokenizer()).texts(texts).run();
      Evidence batch = requireNonNull(result.finding(Probe.BATCH).verdict().evidence());

      List<Sample> samples = new ArrayList<>();
      int longest = 0;
      for (int n = 0; n < texts.size(); n++) {
        TokenizedText text = minilm.requireTokenizer().encode(texts.get(n), 512);
        samples.add(new Sample(n + 1, texts.get(n), List.of(text)));
        longest = Math.max(longest, text.length());
      }
      Model model = minilm.model();
      double lowest = 1;
      long of = 0;
      try (ModelSession session = model.session()) {
        Batch all =
            Batch.of(model.roles(), samples, minilm.padId())
                .withPadding(0, Padding.RIGHT, longest + 4);
        for (int row = 0; row < samples.size(); row++) {
          Batch alone = Batch.of(model.roles(), List.of(samples.get(row)), minilm.padId());
          double cosine = cosine(embedding(session, all, row), embedding(session, alone, 0));
          of = cosine < lowest ? row + 1 : of;
          lowest = Math.min(lowest, cosine);
        }
      }
      Effect.EmbeddingCosine effect = (Effect.EmbeddingCosine) requireNonNull(batch.effect());
      assertThat(effect.text()).isEqualTo(of);
      assertThat(effect.value()).isCloseTo(lowest, within(1e-6)).isLessThan(0.9999);
    }
  }

  /** The mean over the real tokens of a row. */
  private static double[] embedding(ModelSession session, Batch batch, int row) throws IOException {
    FloatTensor hidden =
        requireNonNull(
            session.run(batch.feed(), List.of("last_hidden_state")).get("last_hidden_state"));
    int length = batch.samples().get(row).length(0);
    double[] mean = new double[hidden.shape().dim(2)];
    for (int t = 0; t < length; t++) {
      for (int d = 0; d < mean.length; d++) {
        mean[d] += hidden.data()[hidden.offset(row, t) + d] / (double) length;
      }
    }
    return mean;
  }

  private static double cosine(double[] a, double[] b) {
    double product = 0;
    double squaresA = 0;
    double squaresB = 0;
    for (int d = 0; d < a.length; d++) {
      product += a[d] * b[d];
      squaresA += a[d] * a[d];
      squaresB += b[d] * b[d];
    }
    return product / Math.sqrt(squaresA * squaresB);
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
