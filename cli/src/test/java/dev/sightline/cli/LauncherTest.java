package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher, in a checkout where nothing is to be built, with a java that does as it is told.
 */
@DisabledOnOs(OS.WINDOWS)
class LauncherTest {
  @TempDir private Path folder;
  private Path checkout;
  private Path jdk;

  /** What a run printed, and its exit code. */
  private record Ended(int code, String out, String err) {}

  @BeforeEach
  void checkout() throws IOException {
    checkout = Files.createDirectories(folder.resolve("checkout"));
    Path launcher = Path.of("sightline");
    Files.copy(
        Files.exists(launcher) ? launcher : Path.of("../sightline"), checkout.resolve("sightline"));
    Path run = checkout.resolve("cli/target/run");
    Files.createDirectories(run.resolve("classes"));
    Files.writeString(run.resolve("runtime.classpath"), run.toString());
    Files.createDirectories(checkout.resolve("target"));
    Files.writeString(
        checkout.resolve("target/launcher.cli.stamp"), checkout.toRealPath().toString());
    jdk = folder.resolve("jdk");
    Files.createDirectories(jdk.resolve("bin"));
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.3\"\n");
    java("exit 0");
    executable("javac", "exit 0");
  }

  private void java(String script) throws IOException {
    executable("java", script);
  }

  private void executable(String name, String script) throws IOException {
    Path file = Files.writeString(jdk.resolve("bin").resolve(name), "#!/bin/bash\n" + script);
    assertThat(file.toFile().setExecutable(true)).isTrue();
  }

  private Ended run(String... args) throws Exception {
    List<String> command = new ArrayList<>(List.of("bash", checkout + "/sightline"));
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command);
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    builder
        .environment()
        .putAll(Map.of("JAVA_HOME", jdk.toString(), "TMPDIR", temporary.toString()));
    Path given = Files.writeString(folder.resolve("given"), "given\n");
    Process process =
        builder
            .redirectInput(given.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile())
            .start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    try (var left = Files.list(temporary)) {
      assertThat(left).as("left in the temporary directory").isEmpty();
    }
    return new Ended(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  @Test
  void deathBySignal_isOneLine_andExitCode2() throws Exception {
    java("echo noise of native code >&2; echo a note >&3; kill -ABRT $$");
    Ended ended = run("audit", "m.onnx");

    assertThat(ended.code()).isEqualTo(2);
    assertThat(ended.err())
        .isEqualTo(
            "a note\nsightline: stopped: native code of the model or its tokenizer gave up (signal"
                + " 6); --debug shows what it printed\n");
    assertThat(run("audit", "m.onnx", "--debug").err()).contains("noise of native code");

    java("kill -KILL $$");
    assertThat(run("mask", "of", "m.onnx").err())
        .isEqualTo(
            "sightline: stopped: the process was killed (signal 9), as a system does that has no"
                + " memory left\n");
    java("kill -SEGV $$");
    assertThat(run("heads", "m.onnx").err()).contains("crashed (signal 11)");
  }

  @Test
  void otherEnds_areAsTheyWere() throws Exception {
    java("cat; echo out; echo message >&3; echo warning >&2; exit 1");
    Ended ended = run("audit", "m.onnx");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.out()).isEqualTo("given\nout\n");
    assertThat(ended.err().lines()).containsExactlyInAnyOrder("message", "warning");

    java("kill -TERM $$");
    assertThat(run("audit", "m.onnx").code()).isEqualTo(143);
    assertThat(run("audit", "m.onnx").err()).isEmpty();
  }

  /** No native code runs in these: Java takes the place of the shell. */
  @Test
  void commandsWithoutModels_haveNoShellAboveThem() throws Exception {
    java("[ -e /dev/fd/3 ] && echo third || echo two");

    assertThat(run("mask", "show", "causal").out()).isEqualTo("two\n");
    assertThat(run("heads", "merge", "a").out()).isEqualTo("two\n");
    assertThat(run("audit").out()).isEqualTo("third\n");
  }

  /**
   * Its class path is absolute: without another build a copy would run the classes of the first.
   */
  @Test
  void aCopyOfACheckout_isBuiltAnew() throws Exception {
    java("echo ran");
    assertThat(run("mask", "show", "causal").out()).isEqualTo("ran\n");
    Path copy = folder.resolve("copy");
    Process copied = new ProcessBuilder("cp", "-a", checkout.toString(), copy.toString()).start();
    assertThat(copied.waitFor()).isZero();
    executable("mvn", "echo building \"$@\" >&2; exit 1");
    ProcessBuilder builder =
        new ProcessBuilder("bash", copy + "/sightline", "mask", "show", "causal");
    String path = jdk.resolve("bin") + ":" + System.getenv("PATH");
    builder.environment().putAll(Map.of("JAVA_HOME", jdk.toString(), "PATH", path));
    Process process = builder.redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).isEqualTo(2);
    assertThat(said).contains("-f " + copy.toRealPath() + "/pom.xml").contains("the build failed");
  }
}
