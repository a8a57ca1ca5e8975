package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import dev.sightline.data.DataFormat;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.xerial.snappy.Snappy;

/**
 * The native libraries of Parquet's compressions come from the cache of checked ones. After a
 * change of their versions, their lines in natives.txt are to be written anew.
 */
class CompressionLibrariesTest {
  @TempDir Path folder;

  @Test
  @EnabledOnOs(OS.LINUX)
  void nothingIsUnpackedIntoTheTemporaryFolder() throws IOException, InterruptedException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path cache = folder.resolve("cache");
    Path data = folder.resolve("texts.parquet");
    try (InputStream in =
        CompressionLibrariesTest.class.getResourceAsStream("/data/texts.parquet")) {
      Files.copy(Objects.requireNonNull(in), data);
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Djava.io.tmpdir=" + temporary,
                "-Dsightline.cache=" + cache,
                "--enable-native-access=ALL-UNNAMED",
                "-XX:-UsePerfData",
                "-cp",
                System.getProperty("java.class.path"),
                Dies.class.getName(),
                data.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).as(said).isEqualTo(9);
    try (Stream<Path> left = Files.list(temporary)) {
      assertThat(left).isEmpty();
    }
    try (Stream<Path> made = Files.list(cache.resolve("native"))) {
      assertThat(made.map(path -> path.getFileName().toString().replaceFirst("-.*", "")))
          .containsExactlyInAnyOrder("snappy", "zstd");
    }
  }

  /** Reads a file, uses both libraries, and ends as if it were killed. */
  static final class Dies {
    private Dies() {}

    public static void main(String[] args) throws IOException {
      try (DataFile file = DataFile.open(Path.of(args[0]), DataFormat.PARQUET)) {
        file.skip(Long.MAX_VALUE);
      }
      byte[] bytes = "some bytes".getBytes(StandardCharsets.UTF_8);
      if (Snappy.uncompress(Snappy.compress(bytes)).length == bytes.length
          && Zstd.decompress(Zstd.compress(bytes)).length == bytes.length) {
        Runtime.getRuntime().halt(9);
      }
    }
  }
}
