package dev.sightline.onnx.internal.natives;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.onnxruntime.OrtEnvironment;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Native libraries are unpacked once, into a folder that no other user can write. */
class LibraryCacheTest {
  private static final byte[] LIBRARY = "a library".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  private List<NativeFile> files;

  @BeforeEach
  void writeSource() throws IOException {
    Path source = Files.write(folder.resolve("source"), LIBRARY);
    files =
        List.of(
            new NativeFile(
                "in/the/jar/liba.so", LIBRARY.length, Sha256.of(LIBRARY), source.toUri().toURL()));
  }

  private Path unpacked(Path root) throws IOException {
    return new LibraryCache(root).folder("a", files).resolve("liba.so");
  }

  @Test
  void aLibrary_isUnpackedOnce_andAgainWhereItIsNotWhole() throws IOException {
    Path library = unpacked(folder.resolve("cache"));
    assertThat(library).hasBinaryContent(LIBRARY);
    FileTime old = FileTime.fromMillis(1000);
    Files.setLastModifiedTime(library, old);
    assertThat(unpacked(folder.resolve("cache"))).isEqualTo(library);
    assertThat(Files.getLastModifiedTime(library)).isEqualTo(old);

    Files.write(library, "a lib".getBytes(StandardCharsets.UTF_8));
    assertThat(unpacked(folder.resolve("cache"))).hasBinaryContent(LIBRARY);
    Files.write(library, "b library".getBytes(StandardCharsets.UTF_8));
    assertThat(unpacked(folder.resolve("cache"))).hasBinaryContent(LIBRARY);
    try (Stream<Path> all = Files.list(library.getParent())) {
      assertThat(all).containsExactly(library);
    }
  }

  @Test
  void aJarWithAnotherLibrary_isRefused() throws IOException {
    Files.writeString(folder.resolve("source"), "b library");
    assertThatThrownBy(() -> unpacked(folder.resolve("cache")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("has another SHA-256 than expected");
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void foldersThatOthersCanWrite_areRefused() throws IOException {
    Path library = unpacked(folder.resolve("cache"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(library)))
        .isEqualTo("rwx------");
    Path natives = Objects.requireNonNull(library.getParent());
    Path above = Objects.requireNonNull(natives.getParent());
    Path[] folders = {library, natives, above, folder.resolve("cache")};
    for (Path each : folders) {
      var before = Files.getPosixFilePermissions(each);
      Files.setPosixFilePermissions(each, PosixFilePermissions.fromString("rwxrwx---"));
      assertThatThrownBy(() -> unpacked(folder.resolve("cache")))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("'" + each.toRealPath() + "' can be written by others");
      Files.setPosixFilePermissions(each, before);
    }
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void aFolderAbove_thatOthersCanWrite_isRefused_unlessTheyCannotReachIt() throws IOException {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path open = Files.createDirectory(folder.resolve("open"));
    Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
    assertThatThrownBy(() -> unpacked(open.resolve("cache")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("open' can be written by others");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    assertThat(unpacked(open.resolve("cache"))).hasBinaryContent(LIBRARY);
  }

  @Test
  @DisabledOnOs(OS.WINDOWS)
  void links_areNotFollowed() throws IOException {
    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), elsewhere);
    assertThatThrownBy(() -> unpacked(link))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("link' is no folder");
    Path library = unpacked(folder.resolve("cache"));
    Files.delete(library);
    Files.createSymbolicLink(library, folder.resolve("source"));
    assertThatThrownBy(() -> unpacked(folder.resolve("cache")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("liba.so' is no file");
  }

  /** After a change of a version, each line of natives.txt is to be written anew. */
  @Test
  void theListedLibraries_areThoseOfTheJars() throws IOException {
    for (NativeFile file : NativeLibraries.all()) {
      if (!file.path().startsWith("ai/") && !file.path().startsWith("native/")) {
        continue; // of Parquet's compressions, which the module data brings
      }
      Class<?> jar =
          file.path().startsWith("ai/onnxruntime")
              ? OrtEnvironment.class
              : HuggingFaceTokenizer.class;
      URL found = Objects.requireNonNull(jar.getResource("/" + file.path()), file.path());
      assertThat(found.openConnection().getContentLengthLong())
          .as(file.path())
          .isEqualTo(file.size());
      if (file.path().contains("linux-x")) {
        try (InputStream in = found.openStream()) {
          assertThat(Sha256.of(in.readAllBytes())).as(file.path()).isEqualTo(file.sha256());
        }
      }
    }
  }

  /** A process that dies leaves nothing: the runtime's own folder stays where it is killed. */
  @Test
  void nothingStays_whereAProcessDies() throws IOException, InterruptedException {
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    Path cache = folder.resolve("cache");
    for (int run = 0; run < 2; run++) {
      ProcessBuilder builder =
          new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-Djava.io.tmpdir=" + temporary,
              "-Dsightline.cache=" + cache,
              "--enable-native-access=ALL-UNNAMED",
              "-XX:-UsePerfData",
              "-cp",
              System.getProperty("java.class.path"),
              Dies.class.getName());
      builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
      Process process = builder.redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
      assertThat(process.exitValue()).as(said).isEqualTo(9);
      try (Stream<Path> left = Files.list(temporary)) {
        assertThat(left).isEmpty();
      }
      try (Stream<Path> made = Files.list(cache.resolve("native"))) {
        assertThat(made).hasSize(2);
      }
    }
  }

  /** Uses both libraries, and ends as if it were killed. */
  static final class Dies {
    private Dies() {}

    public static void main(String[] args) throws IOException {
      RuntimeSession.runtimeVersion();
      try (InputStream in = Dies.class.getResourceAsStream("/tiny-gpt-tokenizer.json")) {
        Tokenizer.parse(Objects.requireNonNull(in).readAllBytes(), "tiny").encode("a text", 9);
      }
      Runtime.getRuntime().halt(9);
    }
  }
}
