package dev.sightline.lab.internal.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.lab.NeedsLibTorch;
import dev.sightline.lab.internal.policy.Pi05Task;
import dev.sightline.lab.result.LabResult;
import dev.sightline.lab.result.LabRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A training of a tiny policy in a process of its own, killed without warning. */
@NeedsLibTorch
class TrainingKilledTest {
  private static final LabRun RUN = new LabRun(LabRun.Kind.PI05, "right", 110, 1, 16);

  @TempDir private Path folder;

  /** The process that is killed. */
  static final class Trains {
    private Trains() {}

    public static void main(String[] args) throws IOException {
      train(RUN, Path.of(args[0]));
    }
  }

  private static LabResult train(LabRun run, Path folder) throws IOException {
    return Training.train(
        () -> new Pi05Arm(new Pi05Task(1, run.texts(), 8), run, new Sizes(8, 1, 2, 2)),
        run,
        new RunFolder(folder),
        8,
        (done, total, loss) -> {});
  }

  private Process start(Path out) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Trains.class.getName(),
            out.toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  @Test
  @Timeout(value = 3, unit = TimeUnit.MINUTES)
  void killedAndResumed_isTheUninterrupted() throws Exception {
    Path killed = folder.resolve("killed");
    Path curve = killed.resolve("curve.csv");
    Process first = start(killed);
    while (first.isAlive() && !Files.exists(curve)) {
      TimeUnit.MILLISECONDS.sleep(2);
    }
    first.destroyForcibly().waitFor();
    assertThat(killed.resolve("result.json")).doesNotExist();
    List<String> begun = Files.readAllLines(curve);
    assertThat(begun).hasSizeBetween(51, 110);

    LabResult resumed = train(RUN, killed);
    LabResult whole = train(RUN, folder.resolve("whole"));
    assertThat(curve).hasSameTextualContentAs(folder.resolve("whole").resolve("curve.csv"));
    assertThat(Files.readAllLines(curve)).hasSize(111).startsWith(begun.toArray(String[]::new));
    assertThat(resumed.held()).isEqualTo(whole.held());
    assertThat(resumed.conditions()).isEqualTo(whole.conditions());
    assertThat(new RunFolder(killed).result()).isEqualTo(resumed);

    LabRun other = new LabRun(LabRun.Kind.PI05, "row-causal", 110, 1, 16);
    assertThatThrownBy(() -> train(other, killed))
        .hasMessageContaining("mask=right")
        .hasMessageContaining("mask=row-causal");
  }
}
