package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.ImplementedMask;
import dev.sightline.audit.declared.Expectation;
import dev.sightline.audit.result.MaskComparison;
import dev.sightline.mask.Mask;
import dev.sightline.onnx.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class MaskOfCommandTest {
  private static final String POLICY = "../docs/examples/pi05-flow-sees-subtask.onnx";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '~',
      value = {
        "tiny-gpt ~ 0 ~ layers 0-3: causal & padding",
        "tiny-gpt --layer 2 --head 1 ~ 0 ~ layer 2: causal & padding",
        "tiny-gpt --against causal ~ 0 ~ causal & padding is equal to causal",
        "tiny-gpt --against window(3,0) ~ 1 ~ causal & padding is wider than window(3,0)",
        "tiny-gpt --against full ~ 1 ~ causal & padding is narrower than full",
        "tiny-gpt --against tiny-gpt ~ 0 ~ is equal to causal & padding",
        "tiny-gpt --against minilm-int8 ~ 2 ~ 4 and 6 attentions",
        "tiny-gpt --against caus(al ~ 2 ~ caus",
        "tiny-gpt --layer 4 ~ 2 ~ there is no layer 4; the model has 4",
        "tiny-gpt --head 9 ~ 2 ~ there is no head 9 in layer 0",
        "tiny-gpt --length 0 ~ 2 ~ --length must be at least 1",
        "nothing.onnx ~ 2 ~ nothing.onnx",
      })
  void mask_isSaid_andComparedByExitCode(String arguments, int code, String words) {
    Ran ran = Ran.run(("mask of " + arguments).split(" ", -1));
    assertThat(ran.exitCode()).as(ran.out() + ran.err()).isEqualTo(code);
    assertThat(code == 2 ? ran.err() : ran.out()).contains(words);
  }

  @Test
  void file_isWhatExpectReads() throws IOException {
    Path file = folder.resolve("masks.txt");
    assertThat(Ran.run("mask", "of", "tiny-gpt", "-o", file.toString()).exitCode()).isZero();
    Expectation read = Expectation.parse(Files.readString(file));
    assertThat(read.of(3)).hasValue(Mask.parse("causal & padding"));
  }

  @Test
  void samples_ofAFile_areThoseOfADeclaration() {
    Ran ran =
        Ran.run(
            "mask",
            "of",
            POLICY,
            "--inputs",
            "../docs/examples/pi05.feed.npz",
            "--against",
            "../docs/examples/pi05.mask");
    assertThat(ran.exitCode()).isEqualTo(1);
    assertThat(ran.out()).contains("layers 0-2: ", " is wider than ", "40 cells more");
  }

  @Test
  void json_hasTheMaskAndTheCells() {
    Ran ran = Ran.run("mask", "of", "tiny-gpt", "--json", "--length", "5");
    JsonNode root = JsonMapper.shared().readTree(ran.out());
    assertThat(root.path("text").asString()).isEqualTo("layers 0-3: causal & padding");
    assertThat(root.path("longest").asInt()).isEqualTo(5);
    JsonNode masks = root.path("layers").path(3).path("masks").path(0);
    assertThat(masks.path("mask").asString()).isEqualTo("causal & padding");
    assertThat(masks.path("cells").toString())
        .isEqualTo("[\"10000\",\"11000\",\"11100\",\"11110\",\"11111\"]");
  }

  /** The Java of docs/mask-of.md; {@link DocsTest} holds that it is there. */
  @Test
  void fromJava_itIsTheSame() throws IOException {
    Path path = Path.of(POLICY);

    ImplementedMask implemented = ImplementedMask.of(Model.open(path));
    Mask mask = implemented.layer(0); // causal & padding
    MaskComparison declared = implemented.against(Expectation.parse("causal & padding"));

    assertThat(mask).hasToString("block-causal(00000000000111110000) & padding");
    assertThat(declared.isEqual()).isFalse();
  }
}
