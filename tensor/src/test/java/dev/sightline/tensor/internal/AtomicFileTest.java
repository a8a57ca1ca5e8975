package dev.sightline.tensor.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
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

  /** Anyone could have put a file or a link where a fixed name would be written. */
  @Test
  void temporary_hasANameOfItsOwn_andFollowsNothing() throws IOException {
    Path other = Files.writeString(folder.resolve("other.txt"), "of another");
    for (String name : List.of("a.txt.part", ".a.txt.part", "a.txt.tmp")) {
      Files.createSymbolicLink(folder.resolve(name), other);
    }
    List<String> during = new ArrayList<>();
    Path file = folder.resolve("a.txt");
    for (int i = 0; i < 2; i++) {
      AtomicFile.writeText(
          file,
          out -> {
            names()
                .filter(name -> name.matches("\\.a\\.txt\\.[0-9a-f]{16}\\.part"))
                .forEach(during::add);
            out.write("mine");
          });
    }

    assertThat(during).hasSize(2).doesNotHaveDuplicates();
    assertThat(file).content().isEqualTo("mine");
    assertThat(other).content().isEqualTo("of another");
  }

  @Test
  void linkThatLeadsToNoFile_isRefused_andStays() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), folder.resolve("gone.txt"));
    Path round = Files.createSymbolicLink(folder.resolve("round.txt"), folder.resolve("round.txt"));

    assertThatThrownBy(() -> AtomicFile.writeText(link, out -> out.write("x")))
        .hasMessageContaining(
            "it is a link to '" + folder.resolve("gone.txt") + "', which is no file");
    assertThatThrownBy(() -> AtomicFile.writeText(round, out -> out.write("x")))
        .hasMessageContaining("it is a link to a link without end");

    assertThat(names()).containsExactlyInAnyOrder("link.txt", "round.txt");
  }

  /** Only root can make a file that belongs to another. */
  @Test
  void linkOfAnotherUser_isRefused() throws IOException {
    Path target = Files.writeString(folder.resolve("target.txt"), "before");
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), target);
    try {
      Files.setAttribute(link, "unix:uid", 12_345, LinkOption.NOFOLLOW_LINKS);
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException e) {
      assumeThat(false).as("files can be given to another user").isTrue();
    }

    assertThatThrownBy(() -> AtomicFile.writeText(link, out -> out.write("x")))
        .hasMessage("'" + link + "' cannot be written: it is a link of another user");
    assertThat(target).content().isEqualTo("before");
  }

  @Test
  void permissions_stay() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "before");
    assumeThat(Files.getFileStore(file).supportsFileAttributeView("posix")).isTrue();
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));

    AtomicFile.writeText(file, out -> out.write("after"));

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void finishedFile_isMoved_andLinkAndPermissionsStay() throws IOException {
    Path target = Files.writeString(folder.resolve("target.txt"), "before");
    assumeThat(Files.getFileStore(target).supportsFileAttributeView("posix")).isTrue();
    Files.setPosixFilePermissions(target, PosixFilePermissions.fromString("rw-------"));
    Path link = Files.createSymbolicLink(folder.resolve("link.txt"), target);
    Path finished = Files.writeString(folder.resolve("finished.txt"), "after");

    AtomicFile.moveInto(finished, link);

    assertThat(finished).doesNotExist();
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(target).content().isEqualTo("after");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(target)))
        .isEqualTo("rw-------");
    Path gone = folder.resolve("gone.txt");
    assertThatThrownBy(() -> AtomicFile.moveInto(gone, target))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("'" + target + "' cannot be written");
    assertThat(target).content().isEqualTo("after");
  }

  @Test
  @EnabledOnOs({OS.LINUX, OS.MAC})
  void device_isWrittenAndStaysADevice() throws IOException {
    Path nothing = Path.of("/dev/null");

    AtomicFile.writeText(nothing, out -> out.write("x"));

    assertThat(Files.isRegularFile(nothing)).isFalse();
    assertThat(Files.exists(nothing)).isTrue();
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void fullDevice_isAnError() {
    assertThatThrownBy(() -> AtomicFile.writeText(Path.of("/dev/full"), out -> out.write("x")))
        .hasMessage("'/dev/full' cannot be written: No space left on device");
  }

  @Test
  void leftovers_areDeletedByName() throws IOException {
    Path file = folder.resolve("a.txt");
    Files.writeString(folder.resolve(".a.txt.0123456789abcdef.part"), "half");
    Files.writeString(folder.resolve(".b.txt.0123456789abcdef.part"), "of another file");
    Files.writeString(folder.resolve(".a.txt.part"), "the user's");

    AtomicFile.deleteLeftovers(file);

    assertThat(names()).containsExactlyInAnyOrder(".b.txt.0123456789abcdef.part", ".a.txt.part");
  }

  private Stream<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList().stream();
    }
  }
}
