package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said before LibTorch is needed. */
class LabCommandTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          train act | 'act' is no policy of the lab; it has groot, pi05
          train groot --encoder-mask right | 'right' is no mask of groot; it has on, off, alternate
          train groot --mask right | --mask is an option of pi05; groot has --encoder-mask
          train pi05 --encoder-mask on | --encoder-mask is an option of groot; pi05 has --mask
          train groot --steps 0 | a training has 1 to 1000000 steps, not 0
          train groot --attention onnx | 'onnx' computes no attention in the lab; expected one of \
          libtorch, sightline
          train groot --texts 5000 | a training has 1 to 4096 instructions, not 5000
          compare groot --vary mask=on,off | --vary 'mask=on,off' names no option of groot; \
          expected encoder-mask=A,B with some of on, off, alternate
          compare groot --vary encoder-mask=on | --vary 'encoder-mask=on' must name two or more \
          masks, each once
          compare groot --vary encoder-mask=on,on | must name two or more masks, each once
          compare pi05 --vary mask=right,left | 'left' is no mask of pi05; it has right, \
          flow-sees-subtask, language-causal, row-causal, and expressions over its 99 tokens
          compare pi05 --vary mask=block-causal(01,10),right | 'block-causal(01,10)' is no mask over \
          the 99 tokens of pi05 (image=5, language=80, subtask=6, flow=8):
          compare pi05 --vary mask=right,causal-window(0,3) | 'causal-window(0,3)' lets query 0 of \
          the 99 tokens of pi05 attend to no key
          train pi05 --mask per-batch(causal;full) | 'per-batch(causal;full)' is no mask over the 99
          compare pi05 --vary mask=right,row-causal --seeds 0 | --seeds is a number from 1 to 100, \
          not 0
          """)
  void misuse_isSaidInOneLine(String words, String message) {
    String[] args = ("lab " + words + " --out " + folder.resolve("out")).split(" ");
    Ran ran = Ran.run(args);
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).startsWith("sightline: ").contains(message).hasLineCount(1);
    assertThat(folder.resolve("out")).doesNotExist();
  }

  @Test
  void aFolderThatIsNoTraining_isNamed() {
    Path model = folder.resolve("policy.onnx");
    for (String command : new String[] {"run", "export"}) {
      Ran ran = Ran.run("lab", command, folder.toString(), "-o", model.toString());
      assertThat(ran.exitCode()).isEqualTo(2);
      assertThat(ran.err())
          .isEqualToIgnoringNewLines(
              "sightline: '"
                  + folder
                  + "' is no folder of 'sightline lab train': it has no run.json");
    }
    assertThat(model).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({
    "Linux, amd64, linux-x86_64",
    "Mac OS X, aarch64, macosx-arm64",
    "Windows 11, amd64, windows-x86_64",
    "Linux, aarch64,",
    "Mac OS X, x86_64,",
    "Windows 11, aarch64,",
    "FreeBSD, amd64,"
  })
  void aPlatformWithoutLibTorch_isNamed(String os, String processor, @Nullable String platform)
      throws IOException {
    if (platform != null) {
      assertThat(LibTorch.requirePlatform(os, processor)).isEqualTo(platform);
      return;
    }
    assertThatThrownBy(() -> LibTorch.requirePlatform(os, processor))
        .isInstanceOf(IOException.class)
        .hasMessage(
            "the lab computes with LibTorch, which is not to be had for "
                + os
                + " on "
                + processor
                + "; it is for Linux and Windows on x86_64, and macOS on arm64");
  }

  @Test
  void rowsOfAnExport_replaceNoFileOfOthers() throws IOException {
    Files.writeString(
        folder.resolve("run.json"),
        "{\"policy\":\"GROOT\",\"mask\":\"off\",\"steps\":9,\"seed\":1,\"texts\":4}");
    Path rows = Files.writeString(folder.resolve("policy.jsonl"), "{\"text\": \"mine\"}");
    String model = folder.resolve("policy.onnx").toString();

    Ran ran = Ran.run("lab", "export", folder.toString(), "-o", model);

    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err())
        .contains("rows for the model are written to '" + rows + "', which is there")
        .hasLineCount(1);
    assertThat(rows).hasContent("{\"text\": \"mine\"}");
  }

  @Test
  void aTrainingThatWasBegun_isNotBegunAgain() throws IOException {
    Files.writeString(folder.resolve("run.json"), "{}");
    Ran ran = Ran.run("lab", "train", "pi05", "--out", folder.toString());
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).contains("--resume goes on with it").hasLineCount(1);
  }

  @Test
  void aMaskToRunUnder_isOneOfThePolicy() throws IOException {
    Files.writeString(
        folder.resolve("run.json"),
        "{\"policy\":\"GROOT\",\"mask\":\"off\",\"steps\":9,\"seed\":1,\"texts\":4}");
    Ran other = Ran.run("lab", "run", folder.toString(), "--mask", "causal");
    assertThat(other.exitCode()).isEqualTo(2);
    assertThat(other.err()).contains("--mask is an option of pi05; groot has --encoder-mask");
    Ran wrong = Ran.run("lab", "run", folder.toString(), "--encoder-mask", "none");
    assertThat(wrong.exitCode()).isEqualTo(2);
    assertThat(wrong.err())
        .contains("'none' is no mask of groot; it has on, off, alternate")
        .hasLineCount(1);
  }

  @Test
  void aDamagedRun_isNamed() throws IOException {
    Path run = Files.writeString(folder.resolve("run.json"), "{\"policy\": \"X\"");
    Ran ran = Ran.run("lab", "run", folder.toString());
    assertThat(ran.exitCode()).isEqualTo(2);
    assertThat(ran.err()).startsWith("sightline: '" + run + "' cannot be read: ").hasLineCount(1);
  }
}
