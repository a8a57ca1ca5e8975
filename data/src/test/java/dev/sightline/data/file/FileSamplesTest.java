package dev.sightline.data.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.data.DataFormat;
import dev.sightline.data.Sample;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileSamplesTest {
  private static Model model() throws IOException {
    GraphBuilder graph = new GraphBuilder("ids");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    String table = graph.floats("table", ElementType.FLOAT32, new float[64], 32, 2);
    String hidden = graph.node("Gather", table, ids);
    graph.output("hidden", hidden, ElementType.FLOAT32, "batch", "sequence", "2");
    return Model.parse(graph.model(17, "test"), "ids");
  }

  @Test
  void rowsAreCounted_withoutAModel_asOftenAsAsked(@TempDir Path folder) throws IOException {
    StringBuilder rows = new StringBuilder();
    for (int n = 0; n < 700; n++) {
      rows.append("{\"input_ids\": [").append(n % 31 + 1).append(", 2, 3]}\n");
    }
    Path file = Files.writeString(folder.resolve("rows.jsonl"), rows);
    try (FileSamples samples =
        new FileSamples(model(), null, file, DataFormat.of(file), note -> {})) {
      assertThat(samples.countRows()).isEqualTo(700);
      List<Sample> all = new ArrayList<>();
      samples.forEach(all::add);
      assertThat(all).hasSize(700);
      assertThat(samples.countRows()).isEqualTo(700);
    }
  }

  @Test
  void rowThatCannotBeRead_endsTheCount(@TempDir Path folder) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("bad.jsonl"), "{\"input_ids\": [1]}\n{\"input_ids\": [2]}\n{nonsense\n");
    try (FileSamples samples =
        new FileSamples(model(), null, file, DataFormat.of(file), note -> {})) {
      assertThat(samples.countRows()).isBetween(2L, 3L);
    }
  }
}
