package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.data.DataFormat;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A million rows, read by a JVM of its own whose heap is far smaller than the file. */
class DataFileMemoryTest {
  private static final int ROWS = 1_000_000;

  @TempDir Path folder;

  @Test
  void millionJsonLines_fitIntoALittleHeap() throws IOException, InterruptedException {
    Path file = folder.resolve("a.jsonl");
    try (BufferedWriter out = Files.newBufferedWriter(file)) {
      for (int i = 1; i <= ROWS; i++) {
        out.write("{\"text\": \"" + "a sentence of some words and more ".repeat(4) + i + "\"}\n");
      }
    }
    assertThat(Files.size(file)).isGreaterThan(140_000_000);
    assertThat(countedIn(40, file)).isEqualTo(ROWS + " rows, 0 bad");
  }

  private static String countedIn(int megabytes, Path file)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + megabytes + "m",
                    "-XX:+UseSerialGC",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Reader.class.getName(),
                    file.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
    return out.strip();
  }

  /** The program that reads. */
  static final class Reader {
    private Reader() {}

    public static void main(String[] args) throws IOException {
      Path file = Path.of(args[0]);
      long bad = 0;
      try (DataFile data = DataFile.open(file, DataFormat.of(file))) {
        for (Row row = data.next(); row != null; row = data.next()) {
          bad += row instanceof Row.Bad ? 1 : 0;
        }
        System.out.println(data.rows() + " rows, " + bad + " bad");
      }
    }
  }
}
