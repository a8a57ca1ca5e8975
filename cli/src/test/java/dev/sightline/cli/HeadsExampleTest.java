package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.heads.HeadRun;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The Java example of docs/heads.md; {@link DocsTest} checks that it is there. */
class HeadsExampleTest {
  @Test
  void aRun_givesTheStatisticsOfEachHead() throws IOException {
    Path data = Path.of("../docs/examples/verses.jsonl");
    int layer = 2;
    int head = 1;
    try (LoadedModel loaded = new ModelSource().load("tiny-gpt", null)) {
      Model model = loaded.model();
      Tokenizer tokenizer = loaded.requireTokenizer();

      HeadStatistics statistics =
          HeadRun.of(model).tokenizer(tokenizer).aggregation(TokenAggregation.LAST).run(data);
      int entropy = statistics.provenance().metric("entropy");
      double mean = statistics.cell(entropy, layer, head).macro().mean().orElseThrow();

      assertThat(mean).isBetween(0.5, 4.0);
    }
  }
}
