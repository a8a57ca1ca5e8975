package dev.sightline.maven.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {
  @TempDir private Path folder;
  private final Properties request = new Properties();
  private String printed = "";

  @BeforeEach
  void brokenModel() throws IOException {
    Path model = folder.resolve("model.onnx");
    Files.write(model, Zoo.model(Architecture.ENCODER, Bug.MASK_CUT_LAYER).bytes());
    request.setProperty("goal", "audit");
    request.setProperty("model", model.toString());
    request.setProperty("output", folder.resolve("reports").toString());
    request.setProperty("files", folder.resolve("cache/files.txt").toString());
    request.setProperty("failOn", "fail");
  }

  private int run() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    int code = Main.run(request, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    printed = bytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  /** Accepts these findings. */
  private void accept(List<String> lines) throws IOException {
    Path baseline = folder.resolve("accepted.txt");
    Files.write(baseline, lines);
    request.setProperty("baseline", baseline.toString());
  }

  @Test
  void findings_thatTheBaselineHas_areAccepted_andNoOthers() throws IOException {
    assertThat(run()).isEqualTo(3);
    List<String> findings =
        printed.substring(printed.indexOf("lines of a baseline")).lines().skip(1).toList();
    assertThat(findings).hasSizeGreaterThan(1).allMatch(line -> line.endsWith(": FAIL"));

    // Another outcome is another finding.
    accept(List.of("# known since May", "", findings.get(0), findings.get(1) + "ED"));
    assertThat(run()).isEqualTo(3);
    String after = printed.substring(printed.indexOf("lines of a baseline"));
    assertThat(after.lines().skip(1))
        .containsExactlyElementsOf(findings.subList(1, findings.size()));

    accept(findings);
    assertThat(run()).isZero();
    assertThat(printed).startsWith("FAIL  ").contains("accepted by the baseline: ");
  }

  /** Each says in a line what was given and what was expected. */
  @Test
  void whatCannotBeAsked_isOneMessage() throws IOException {
    says("failOn", "warning", "'warning' is nothing to fail on; expected some of fail,");
    says("baseline", folder + "/none.txt", "there is no baseline '" + folder + "/none.txt'");
    says("baseline", folder.resolve("model.onnx").toString(), "' is no text in UTF-8");
    says("expect", "cauzal", "cauzal");
    says("expect", "none.mask", "there is no file 'none.mask'");
    says("tokenizer", folder + "/none.json", "none.json");
    says("data", folder + "/none.jsonl", "none.jsonl");
    says("text.0", "One.", "texts need a tokenizer");
    says("output", folder.resolve("model.onnx").toString(), "cannot read or write ");
    Files.write(folder.resolve("damaged.onnx"), new byte[] {8, 7, 6, 5, 4, 3, 2, 1});
    says("model", folder.resolve("damaged.onnx").toString(), "damaged.onnx");
    Files.createDirectories(folder.resolve("empty"));
    says("model", folder.resolve("empty").toString(), "empty");
    request.setProperty("text.0", "One.");
    says("data", folder.resolve("model.onnx").toString(), "give one of texts and data");
  }

  private void says(String key, String value, String message) {
    Object before = request.setProperty(key, value);
    assertThat(run()).as(printed).isEqualTo(2);
    assertThat(printed.strip()).as(key + "=" + value).contains(message);
    // A mask that cannot be read has two more, which point at the place.
    assertThat(printed.lines()).as(printed).hasSizeLessThan(4).noneMatch("null"::equals);
    if (before == null) {
      request.remove(key);
    } else {
      request.setProperty(key, (String) before);
    }
  }
}
