package dev.sightline.maven;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Properties;
import org.apache.maven.plugin.logging.SystemStreamLog;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class WorkerTest {
  @TempDir private Path folder;

  /** The outcome of a program in place of Java. */
  private Outcome run(String program, String limit) throws IOException {
    Path java = folder.resolve("java");
    Files.writeString(java, "#!/bin/sh\n" + program + "\n");
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    return Worker.run(
        java, "", folder.toFile(), new Properties(), TimeLimit.parse(limit), new SystemStreamLog());
  }

  @Test
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "the programs are scripts of a shell")
  void aProcessThatHangs_isEndedAtTheLimit_andOneThatEnds_isNot() throws IOException {
    long start = System.nanoTime();
    Outcome stopped = run("echo a line; exec sleep 60", "1s");
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    assertThat(stopped.code()).isEqualTo(Outcome.STOPPED);
    assertThat(stopped.message())
        .isEqualTo("stopped after 1s; <timeLimit> or -Dsightline.timeLimit allows more");

    Outcome failed = run("echo a line; exit 3", "1h");
    assertThat(failed.code()).isEqualTo(Outcome.FAILED);
    assertThat(failed.message()).isEqualTo("a line");
    assertThat(run("exit 0", "none").code()).isEqualTo(Outcome.FINE);
  }

  @Test
  void aLimit_isReadWithItsUnit_andAnythingElseIsQuoted() {
    assertThat(TimeLimit.parse("90s").time()).isEqualTo(Duration.ofSeconds(90));
    assertThat(TimeLimit.parse(" 10 min").time()).isEqualTo(Duration.ofMinutes(10));
    assertThat(TimeLimit.parse("2h").time()).isEqualTo(Duration.ofHours(2));
    assertThat(TimeLimit.parse("none").time()).isNull();
    for (String wrong : new String[] {"", "10", "0s", "-1s", "1d", "99999999999s", "tens"}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TimeLimit.parse(wrong))
          .withMessage(
              "'"
                  + wrong
                  + "' is not a time for <timeLimit>; expected one such as 90s, 10min, 2h or none");
    }
  }
}
