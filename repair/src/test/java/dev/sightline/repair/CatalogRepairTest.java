package dev.sightline.repair;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.declared.Expectation;
import dev.sightline.data.Padding;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.ArtifactSource;
import dev.sightline.onnx.Catalog;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.internal.model.ModelWriter;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.repair.RepairResult.Outcome;
import dev.sightline.repair.internal.plan.MaskInsertion;
import dev.sightline.repair.internal.plan.MaskPlan;
import dev.sightline.repair.internal.plan.SiteAxes;
import dev.sightline.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The example of docs/repair.md: a real encoder with 8-bit weights is stripped of its mask and
 * repaired, and is the vendor's again.
 */
class CatalogRepairTest {
  private static final String OUTPUT = "last_hidden_state";

  @TempDir Path folder;

  private static Sample sample(long number, long... ids) {
    return Sample.ofTokens(number, "text " + number, TokenizedText.ofIds(ids), 1);
  }

  @Test
  void strippedMiniLm_isTheVendorsAgain_atRealTokensOfPaddedBatches() throws IOException {
    List<Sample> samples =
        List.of(sample(1, 101, 2175, 102), sample(2, 101, 1999, 1996, 2927, 2643, 2580, 3712, 102));
    Path stripped = folder.resolve("stripped.onnx");
    Path fixed = folder.resolve("fixed.onnx");
    try (LoadedModel loaded =
        Catalog.load().find("minilm-int8").orElseThrow().load(new Embedded())) {
      Model vendor = loaded.model();
      strip(vendor, samples.getFirst(), stripped);

      RepairResult result = Repair.of(Model.open(stripped)).samples(samples).writeTo(fixed);

      assertThat(result.outcome())
          .as(String.join("\n", RepairText.lines(result)))
          .isEqualTo(Outcome.REPAIRED);
      assertThat(requireNonNull(result.sameness()).different()).isZero();
      for (Padding side : List.of(Padding.RIGHT, Padding.LEFT)) {
        assertThat(difference(side, samples, vendor, Model.open(fixed))).isZero();
        assertThat(difference(side, samples, vendor, Model.open(stripped))).isGreaterThan(0.1);
      }
    }
  }

  /** As {@code --mask full --force} does, without the audits of it. */
  private static void strip(Model vendor, Sample sample, Path file) throws IOException {
    MaskPlan full = MaskPlan.declared(vendor, Expectation.parse("full"), Set.of());
    SiteAxes axes = SiteAxes.of(vendor, sample, 0);
    MaskInsertion insertion =
        new MaskInsertion(vendor, axes, OptionalDouble.empty(), null, List.of());
    new ModelWriter(ParsedModel.of(vendor)).write(insertion.insert(full).changed(), file);
  }

  /** The largest difference of two models at the real tokens of a padded batch. */
  private static double difference(Padding side, List<Sample> samples, Model a, Model b)
      throws IOException {
    List<FloatTensor> runs = new ArrayList<>();
    Batch batch = Batch.of(a.roles(), samples, 0).withPadding(0, side, 12);
    for (Model model : List.of(a, b)) {
      try (ModelSession session = model.session()) {
        Map<String, FloatTensor> run = session.run(batch.feed(), List.of(OUTPUT));
        runs.add(requireNonNull(run.get(OUTPUT)));
      }
    }
    double largest = 0;
    int size = runs.getFirst().shape().dim(2);
    for (int row = 0; row < batch.rows(); row++) {
      for (int position = 0; position < batch.width(0); position++) {
        for (int d = 0; d < size && batch.isReal(0, row, position); d++) {
          int at = runs.getFirst().offset(row, position) + d;
          double difference = Math.abs((double) runs.get(0).data()[at] - runs.get(1).data()[at]);
          largest = Math.max(largest, difference);
        }
      }
    }
    return largest;
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
