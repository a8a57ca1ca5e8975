package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that measures heads, killed without warning again and again. */
class HeadsKilledTest {
  @TempDir private Path folder;

  private Path texts() throws IOException {
    Random random = new Random(5);
    List<String> words = List.of("And", "the", "LORD", "said", "unto", "Moses", "house", "Israel");
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      StringBuilder text = new StringBuilder("In");
      for (int w = random.nextInt(12); w > 0; w--) {
        text.append(' ').append(words.get(random.nextInt(words.size())));
      }
      lines.add(text.toString());
    }
    return Files.write(folder.resolve("texts.txt"), lines);
  }

  private Process start(Path data, Path out) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            // Seven short lives: the second compiler costs each more than it gives.
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            Sightline.class.getName(),
            "heads",
            "tiny-gpt",
            "--data",
            data.toString(),
            "--out",
            out.toString(),
            "--resume")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("log").toFile())
        .start();
  }

  @Test
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void killedAtAnyMoment_andResumed_isTheUninterrupted_toTheBit() throws Exception {
    Path texts = texts();
    Path whole = folder.resolve("whole");
    assertThat(start(texts, whole).waitFor()).isZero();

    Path out = folder.resolve("killed");
    Path checkpoint = out.resolve("heads.checkpoint");
    Random random = new Random(2);
    int kills = 0;
    // Only a run that was further than the one before is killed, or the test might never end.
    while (kills < 4) {
      Process run = start(texts, out);
      String reached = Files.exists(checkpoint) ? firstLine(checkpoint) : "";
      while (run.isAlive()
          && (!Files.exists(checkpoint) || firstLine(checkpoint).equals(reached))) {
        TimeUnit.MILLISECONDS.sleep(2);
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(60));
      if (!run.isAlive()) {
        break;
      }
      run.destroyForcibly().waitFor();
      kills++;
    }
    assertThat(kills).as("%s", Files.readString(folder.resolve("log"))).isGreaterThan(2);

    assertThat(start(texts, out).waitFor()).isZero();
    assertThat(Files.readString(folder.resolve("log"))).contains("going on after row ");
    assertThat(out.resolve("heads.json")).hasSameBinaryContentAs(whole.resolve("heads.json"));
    assertThat(checkpoint).doesNotExist();
  }

  private static String firstLine(Path file) throws IOException {
    try (var lines = Files.lines(file)) {
      return lines.findFirst().orElse("");
    }
  }
}
