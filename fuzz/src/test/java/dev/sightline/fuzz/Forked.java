package dev.sightline.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.Constructor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Fuzzes native code in a process of its own, with little memory. Native code may end that process:
 * that is counted, its input is saved, and the next process goes on. What Java does wrong is a
 * failure here too.
 */
final class Forked {
  /** 16 GB: a JVM reserves half of it before it begins. */
  private static final String LIMIT = "ulimit -v 16000000 2>/dev/null; exec \"$@\"";

  private static final String CURRENT = "current";

  private Forked() {}

  /** Fuzzes, and fails if Java did anything but read or refuse an input. */
  static void run(String name, Class<? extends Target> target)
      throws IOException, InterruptedException {
    long seed = Fuzzing.seed();
    Path folder = Files.createDirectories(Fuzzing.folder().toAbsolutePath());
    Path own = Files.createTempDirectory(folder, name);
    long end = System.nanoTime() + Fuzzing.seconds() * 1_000_000_000L;
    List<String> failures = new ArrayList<>();
    int deaths = 0;
    for (long process = 0; System.nanoTime() < end; process++) {
      int left = (int) Math.max(1, (end - System.nanoTime()) / 1_000_000_000L);
      Path out = own.resolve("out");
      Process child = start(name, target, seed + process, left, folder, own, out);
      boolean ended = child.waitFor(left + 3L * Fuzzing.INPUT_LIMIT_SECONDS, TimeUnit.SECONDS);
      if (!ended) {
        child.destroyForcibly().waitFor();
      }
      String said = Files.readString(out, StandardCharsets.UTF_8);
      said.lines().filter(line -> line.startsWith("fuzz ")).forEach(System.out::println);
      said.lines().filter(line -> line.startsWith("FAILED ")).forEach(failures::add);
      if (!ended || child.exitValue() != 0) {
        deaths++;
        Path input = own.resolve(CURRENT);
        Path saved = folder.resolve(name + "-" + (seed + process) + "-died");
        if (Files.exists(input)) {
          Files.move(input, saved, StandardCopyOption.REPLACE_EXISTING);
        }
        String how = ended ? "exit code " + child.exitValue() : "it was stopped";
        String last = said.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        System.out.println(
            "fuzz "
                + name
                + ": native code ended the process, "
                + how
                + ": "
                + saved
                + ": "
                + last);
        if (ended && child.exitValue() == 1) {
          failures.add("the process ended by an exception: " + last);
          break;
        }
      }
    }
    System.out.println("fuzz " + name + ": " + deaths + " deaths of native code");
    assertThat(failures).as(name + ", seed " + seed).isEmpty();
  }

  private static Process start(
      String name,
      Class<? extends Target> target,
      long seed,
      int seconds,
      Path folder,
      Path own,
      Path out)
      throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "/bin/sh",
            "-c",
            LIMIT,
            "sh",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx512m",
            "-XX:-CreateCoredumpOnCrash",
            "-XX:ErrorFile=" + own.resolve("crash.log"),
            "--enable-native-access=ALL-UNNAMED",
            "-Djava.io.tmpdir=" + own,
            "-cp",
            System.getProperty("java.class.path"),
            Forked.class.getName(),
            name,
            target.getName(),
            Long.toString(seed),
            Integer.toString(seconds),
            folder.toString(),
            own.resolve(CURRENT).toString());
    builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
    builder.directory(own.toFile());
    return builder.redirectErrorStream(true).redirectOutput(out.toFile()).start();
  }

  /** The process that fuzzes. */
  public static void main(String[] args) throws Exception {
    Constructor<?> constructor = Class.forName(args[1]).getDeclaredConstructor();
    constructor.setAccessible(true);
    Target target = (Target) constructor.newInstance();
    Path current = Path.of(args[5]);
    Target noted =
        new Target() {
          @Override
          public String file(byte[] input) {
            return target.file(input);
          }

          @Override
          public byte[] make(Random random) {
            return target.make(random);
          }

          @Override
          public String run(byte[] input) throws Throwable {
            Files.write(current, input);
            return target.run(input);
          }
        };
    List<String> lines =
        Fuzzing.runHere(
            args[0], noted, Long.parseLong(args[2]), Integer.parseInt(args[3]), Path.of(args[4]));
    lines.forEach(System.out::println);
    Runtime.getRuntime().halt(0);
  }
}
