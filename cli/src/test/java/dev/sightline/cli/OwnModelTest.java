package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of the user's own, in the layouts that they come in, and files that are none. */
class OwnModelTest {
  private static final String HIDDEN = "it's a \"model\"";

  @TempDir Path temp;
  private Path folder;

  @BeforeEach
  void huggingFaceLayout() throws IOException {
    folder = Files.createDirectories(temp.resolve(HIDDEN));
    Files.createDirectories(folder.resolve("onnx"));
    copy("tiny-gpt.onnx", folder.resolve("onnx/model.onnx"));
    copy("tiny-gpt-tokenizer.json", folder.resolve("tokenizer.json"));
  }

  @Test
  void folder_isAuditedAndMeasuredWithItsTokenizer() throws IOException {
    Path texts = Files.writeString(temp.resolve("texts.txt"), "In the beginning\nGo\n");

    Ran audit = Ran.run("audit", folder.toString(), "--text", "In the beginning", "--text", "Go");
    Ran heads = Ran.run("heads", folder.toString(), "--data", texts.toString());

    assertThat(audit.err()).isEmpty();
    assertThat(audit.exitCode()).isZero();
    assertThat(audit.out()).contains("2 texts").doesNotContain("no tokenizer found");
    assertThat(heads.err()).isEmpty();
    assertThat(heads.out()).contains("2 samples of ");
  }

  @Test
  void jar_isOpened() throws IOException {
    Path jar = temp.resolve("model.jar");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      zip.putNextEntry(new ZipEntry("m.onnx"));
      zip.write(Files.readAllBytes(folder.resolve("onnx/model.onnx")));
      zip.putNextEntry(new ZipEntry("m-tokenizer.json"));
      zip.write(Files.readAllBytes(folder.resolve("tokenizer.json")));
    }

    Ran ran = Ran.run("models", "fetch", jar.toString());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out())
        .isEqualTo(
            jar
                + "!/m.onnx is here: 4 attentions, SHA-256 c60fa25780c1f817"
                + "282616d53804410783fd5f8cf29efc07b6374d00ea60c499\n");
  }

  @Test
  void folderWithoutATokenizer_saysSo() throws IOException {
    Files.delete(folder.resolve("tokenizer.json"));
    Files.writeString(folder.resolve("spiece.model"), "x");

    Ran ran = Ran.run("models", "fetch", folder.toString());

    assertThat(ran.out())
        .contains("no tokenizer found", "spiece.model' is a SentencePiece model", "convert it");
  }

  @ParameterizedTest
  @ValueSource(strings = {"empty", "two", "lfs", "html", "bomb.jar", "cut.jar"})
  void whatIsNoModel_isOneLineAndExitCode2(String kind) throws IOException {
    Path path = temp.resolve(kind);
    switch (kind) {
      case "empty" -> Files.createDirectory(path);
      case "two" -> {
        Files.createDirectory(path);
        copy("tiny-gpt.onnx", path.resolve("a.onnx"));
        copy("tiny-gpt.onnx", path.resolve("b.onnx"));
      }
      case "lfs" ->
          Files.writeString(path, "version https://git-lfs.github.com/spec/v1\noid sha256:1\n");
      case "html" -> Files.writeString(path, "<!DOCTYPE html>\n<html></html>");
      case "bomb.jar" -> {
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(path))) {
          zip.putNextEntry(new ZipEntry("model.onnx"));
          for (int i = 0; i < 100; i++) {
            zip.write(new byte[1 << 20]);
          }
        }
      }
      default -> Files.write(path, "PK\3\4".getBytes(StandardCharsets.US_ASCII));
    }
    for (List<String> words :
        List.of(List.of("audit", path.toString()), List.of("models", "fetch", path.toString()))) {
      Ran ran = Ran.run(words.toArray(String[]::new));

      assertThat(ran.exitCode()).isEqualTo(2);
      assertThat(ran.out()).isEmpty();
      assertThat(ran.err().lines()).hasSize(1);
      assertThat(ran.err()).startsWith("sightline: ").contains(kind).doesNotContain("internal");
    }
  }

  @Test
  void polarity_canBeGiven() {
    String model = folder.toString();

    Ran wrong = Ran.run("audit", model, "-q", "--mask-polarity", "upside-down");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .isEqualTo(
            "sightline: 'upside-down' is no polarity of a mask; expected 1-is-token or"
                + " 1-is-padding\n");

    // Read the wrong way round, the model attends to padding alone.
    Ran inverted =
        Ran.run(
            "audit",
            model,
            "-q",
            "--text",
            "a",
            "--text",
            "b c",
            "--mask-polarity",
            "1-is-padding");
    assertThat(inverted.exitCode()).isEqualTo(1);
  }

  private static void copy(String resource, Path to) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(OwnModelTest.class.getResourceAsStream("/" + resource))) {
      Files.copy(in, to);
    }
  }
}
