package dev.sightline.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
  @TempDir Path folder;

  @Test
  void content_replacesTheFile() throws IOException {
    Path file = folder.resolve("a.txt");

    AtomicFile.writeText(file, out -> out.write("first, and longer"));
    AtomicFile.writeText(file, out -> out.write("zwölf"));

    assertThat(file).content().isEqualTo("zwölf");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void failure_leavesTheFileAsItWas() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.writeString(file, "before");

    assertThatThrownBy(() ->
            AtomicFile.write(
                file,
                out -> {
                  out.write(new byte[100_000]);
                  throw new IOException("the source ended");
                }))
        .isInstanceOf(IOException.class)
        .hasMessage("'" + file + "' cannot be written: the source ended");

    assertThat(file).content().isEqualTo("before");
    assertThat(names()).containsExactly("a.txt");
  }

  @Test
  void missingFolder_isNamedAsTheReason() {
    Path file = folder.resolve("none").resolve("a.txt");

    assertThatThrownBy(() -> AtomicFile.writeText(file, out -> out.write("x")))
        .hasMessage("'" + file + "' cannot be written: its folder does not exist");
  }

  @Test
  void link_staysALink_toTheNewContent() throws IOException {
    Path target = folder.resolve("target.txt");
    Files.writeString(target, "before");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), target);

    AtomicFile.writeText(link, out -> out.write("after"));

    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target).content().isEqualTo("after");
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
