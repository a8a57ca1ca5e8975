package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.Audit;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.onnx.LoadedModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An example of docs/java.md; {@link DocsTest} checks that it is there as it is here. */
class LibraryExampleTest {
  @TempDir Path folder;

  @Test
  void libraryExample_audits() throws IOException {
    Path model = copy("all-minilm-l6-v2-q.onnx");
    copy("all-minilm-l6-v2-q-tokenizer.json");

    try (LoadedModel loaded = LoadedModel.open(model)) {
      AuditResult result =
          Audit.of(loaded.model())
              .tokenizer(loaded.requireTokenizer())
              .texts("One.", "Another, longer one.")
              .run();
      Outcome outcome = result.conclusion().outcome();

      assertThat(outcome).isEqualTo(Outcome.ROUNDING);
    }
  }

  private Path copy(String resource) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(LibraryExampleTest.class.getResourceAsStream("/" + resource))) {
      Path to = folder.resolve(resource);
      Files.copy(in, to);
      return to;
    }
  }
}
