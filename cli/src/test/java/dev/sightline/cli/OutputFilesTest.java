package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Outputs that would replace an input, and outputs for which there is no room. */
class OutputFilesTest {
  @TempDir private Path folder;

  @Test
  void anInput_isNotReplaced_underAnyName() throws IOException {
    Path mask = Files.writeString(folder.resolve("m.mask"), "causal & window(2,0)");
    Path link = Files.createSymbolicLink(folder.resolve("link"), mask);
    Path hard = Files.createLink(folder.resolve("hard"), mask);
    for (Path output : List.of(mask, link, hard)) {
      refused(output, "mask", "show", mask.toString(), "--q", "4", "-o", output.toString());
      refused(
          output,
          "mask",
          "convert",
          mask.toString(),
          "--to",
          "bool",
          "--q",
          "4",
          "-o",
          output.toString());
    }
    Path model = Files.write(folder.resolve("m.onnx"), new byte[] {1, 2, 3});
    Path data = Files.writeString(folder.resolve("heads.csv"), "text\na\n");
    Path texts = Files.writeString(folder.resolve("report.json"), "a\n");
    refused(model, "mask", "of", model.toString(), "-o", model.toString());
    refused(model, "audit", model.toString(), "--junit", model.toString());
    refused(texts, "audit", "tiny-gpt", "--data", texts.toString(), "--out", folder.toString());
    refused(data, "heads", "tiny-gpt", "--data", data.toString(), "-o", folder.toString());
    Path result = Files.writeString(folder.resolve("heads.json"), "{}");
    refused(result, "heads", "merge", folder.toString(), "-o", folder.toString());
    Path tensor = Files.write(folder.resolve("q.npy"), new byte[] {1});
    String name = tensor.toString();
    refused(tensor, "attend", "--q", name, "--k", name, "--v", name, "--out", name);
    assertThat(mask).hasContent("causal & window(2,0)");
    assertThat(model).hasBinaryContent(new byte[] {1, 2, 3});
  }

  private static void refused(Path output, String... args) {
    Ran ran = Ran.run(args);
    assertThat(ran.err())
        .isEqualToIgnoringNewLines(
            "sightline: '" + output + "' is read by this command; name another file to write");
    assertThat(ran.exitCode()).isEqualTo(2);
  }

  /** The shell's limit on the size of a file does what a full disk does. */
  @Test
  @Timeout(60)
  @DisabledOnOs(OS.WINDOWS)
  void withoutRoom_nothingIsLeft() throws Exception {
    Path old = Files.writeString(folder.resolve("old.npy"), "as it was");
    Ran full =
        limited(
            8,
            "mask",
            "convert",
            "causal",
            "--to",
            "bool",
            "--q",
            "200",
            "-o",
            folder.resolve("old.npy").toString());
    assertThat(full.err())
        .isEqualTo("sightline: '" + old + "' cannot be written: File too large\n");
    assertThat(full.exitCode()).isEqualTo(2);
    assertThat(old).hasContent("as it was");
    try (var files = Files.list(folder)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("old.npy", "out", "err");
    }
  }

  @Test
  @Timeout(60)
  @EnabledOnOs(OS.LINUX)
  void standardOutputThatCannotBeWritten_isExitCode2() throws Exception {
    Ran full =
        started(
            new ProcessBuilder(Ran.java("mask", "show", "causal", "--q", "5"))
                .redirectOutput(Path.of("/dev/full").toFile()));

    assertThat(full.err())
        .isEqualTo("sightline: standard output cannot be written: No space left on device\n");
    assertThat(full.exitCode()).isEqualTo(2);
  }

  private Ran limited(int blocks, String... args) throws Exception {
    List<String> command =
        new ArrayList<>(List.of("bash", "-c", "ulimit -f " + blocks + "; exec \"$@\"", "limited"));
    command.addAll(Ran.java(args));
    return started(new ProcessBuilder(command).redirectOutput(folder.resolve("out").toFile()));
  }

  private Ran started(ProcessBuilder builder) throws Exception {
    Path err = folder.resolve("err");
    Process process = builder.redirectError(err.toFile()).start();
    assertThat(process.waitFor(50, TimeUnit.SECONDS)).isTrue();
    return new Ran(process.exitValue(), "", Files.readString(err, StandardCharsets.UTF_8));
  }
}
