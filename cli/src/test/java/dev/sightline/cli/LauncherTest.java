package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
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
    return runWith("off", args);
  }

  private Ended runWith(String aot, String... args) throws Exception {
    Process process = start(aot, args);
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    try (var left = Files.list(folder.resolve("tmp"))) {
      assertThat(left).as("left in the temporary directory").isEmpty();
    }
    return new Ended(
        process.exitValue(),
        Files.readString(folder.resolve("out")),
        Files.readString(folder.resolve("err")));
  }

  private Process start(String aot, String... args) throws IOException {
    List<String> command = new ArrayList<>(List.of("bash", checkout + "/sightline"));
    command.addAll(List.of(args));
    Path out = folder.resolve("out");
    Path err = folder.resolve("err");
    ProcessBuilder builder = new ProcessBuilder(command);
    Path temporary = Files.createDirectories(folder.resolve("tmp"));
    builder
        .environment()
        .putAll(
            Map.of(
                "JAVA_HOME", jdk.toString(),
                "PATH", jdk.resolve("bin") + ":" + System.getenv("PATH"),
                "TMPDIR", temporary.toString(),
                "XDG_CACHE_HOME", folder.resolve("cache").toString(),
                "SIGHTLINE_AOT", aot));
    Path given = Files.writeString(folder.resolve("given"), "given\n");
    return builder
        .redirectInput(given.toFile())
        .redirectOutput(out.toFile())
        .redirectError(err.toFile())
        .start();
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

  @Test
  void theJarForSpark_isBuiltForTheFirstRunThatAsksForIt() throws Exception {
    Path jar = checkout.resolve("spark/target/run/some-shaded.jar");
    java("echo \"$@\"");
    executable("mvn", "mkdir -p '%s' && touch '%s'".formatted(jar.getParent(), jar));
    Ended ended = run("heads", "m.onnx", "--data", "a", "--spark", "local[2]");

    assertThat(ended.code()).as(ended.err()).isZero();
    assertThat(ended.err()).contains("building for Spark");
    assertThat(ended.out()).contains("-Dsightline.spark=" + jar.toRealPath());
    assertThat(run("audit", "m.onnx", "--spark=local").err()).doesNotContain("building");
  }

  /** A java that makes a cache, says that it did, and runs slowly enough for two to meet. */
  private void javaWithCache(int exit) throws IOException {
    java(
        """
        for argument in "$@"; do
          case $argument in
            -XX:AOTCacheOutput=*)
              echo made >>"%1$s/made"
              sleep 0.3
              echo cache >"${argument#*=}"
              exit %2$d ;;
            -XX:AOTCache=*) [ -f "${argument#*=}" ] && echo quick ;;
          esac
        done
        echo ran
        """
            .formatted(folder, exit));
    executable("jar", "echo jar >\"$4\"");
  }

  private long made() throws IOException {
    return Files.exists(folder.resolve("made"))
        ? Files.readAllLines(folder.resolve("made")).size()
        : 0;
  }

  @Test
  void aCache_isMadeOnce_andAgainWithAnotherBuildOrJdk() throws Exception {
    javaWithCache(0);
    assertThat(runWith("off", "mask", "show", "causal").out()).isEqualTo("ran\n");
    assertThat(made()).isZero();
    assertThat(runWith("now", "mask", "show", "causal").out()).isEqualTo("quick\nran\n");
    assertThat(runWith("now", "audit").out()).isEqualTo("quick\nran\n");
    assertThat(made()).isEqualTo(1);

    Files.writeString(
        checkout.resolve("target/launcher.cli.stamp"), checkout.toRealPath() + "\nanother build\n");
    assertThat(runWith("now", "audit").out()).isEqualTo("quick\nran\n");
    assertThat(made()).isEqualTo(2);
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"25.0.4\"\n");
    assertThat(runWith("now", "audit").out()).isEqualTo("quick\nran\n");
    assertThat(made()).isEqualTo(3);
    Files.writeString(jdk.resolve("release"), "JAVA_VERSION=\"26\"\n");
    runWith("now", "audit");
    try (var kept = Files.list(checkout.resolve("target/aot"))) {
      assertThat(kept).as("the newest, and no lock").hasSize(3);
    }
    // The Vector API is another set of modules, for which Java cannot use it.
    assertThat(runWith("now", "attend").out()).isEqualTo("ran\n");
  }

  @Test
  void aCacheThatCannotBeMade_changesNothing() throws Exception {
    javaWithCache(1);
    Ended ended = runWith("now", "mask", "show", "causal");
    assertThat(ended.out()).isEqualTo("ran\n");
    assertThat(ended.code()).isZero();
    assertThat(ended.err()).startsWith("sightline: no cache was made").hasLineCount(1);

    Path file = checkout.resolve("target/aot");
    try (var inside = Files.walk(file)) {
      inside.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
    }
    Files.writeString(file, "no folder"); // as unwritable for root as for others
    assertThat(runWith("now", "audit")).isEqualTo(new Ended(0, "ran\n", ""));
  }

  @Test
  void twoFirstStarts_makeOneCache_andBothRun() throws Exception {
    javaWithCache(0);
    Process first = start("now", "mask", "show", "causal");
    Process second = start("now", "mask", "show", "causal");

    assertThat(first.waitFor()).isZero();
    assertThat(second.waitFor()).isZero();
    assertThat(made()).isEqualTo(1);
  }

  /**
   * As the zip is: a folder lib with jars, nothing to build, and a folder that nobody can write.
   */
  @Test
  void anInstallation_keepsItsCacheWithTheUser() throws Exception {
    javaWithCache(0);
    Files.delete(jdk.resolve("bin/javac")); // a runtime suffices
    Files.createDirectories(checkout.resolve("lib"));
    Files.writeString(checkout.resolve("lib/sightline-cli-1.2.3.jar"), "");

    assertThat(runWith("now", "audit").out()).isEqualTo("quick\nran\n");
    assertThat(folder.resolve("cache/sightline/aot")).isDirectory();
    assertThat(checkout.resolve("target/aot")).doesNotExist();
    java("echo \"$@\"");
    assertThat(runWith("off", "mask", "show", "causal").out())
        .contains(
            "-cp "
                + checkout.toRealPath()
                + "/lib/sightline-cli-1.2.3.jar dev.sightline.cli.Sightline mask");
    assertThat(runWith("off", "bench").err()).contains("'bench' runs in a checkout alone");
  }
}
