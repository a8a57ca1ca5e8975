package dev.sightline.tensor;

import static dev.sightline.tensor.Bytes.npy;
import static dev.sightline.tensor.Bytes.zip;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NpzTest {
  /** Offsets in a record of the zip file's directory. */
  private static final int REAL_SIZE = 24;

  @TempDir Path folder;

  @Test
  void tensors_areReadByName() throws IOException {
    Path file =
        file(
            zip(
                "q.npy", npy("<f4", "(1,)", "00 00 80 3f"),
                "notes.txt", new byte[3],
                "a/b.npy", npy("|b1", "(2,)", "01 00")));
    Npz npz = Npz.open(file);
    assertThat(npz.names()).containsExactly("q", "a/b");
    assertThat(npz.read("q").toFloats().data()).containsExactly(1);
    assertThat(npz.read("a/b").toBooleans()).containsExactly(true, false);
  }

  @Test
  void storedEntries_areReadAsWell() throws IOException {
    assertThat(Npz.open(file(stored())).read("q").toLongs()).containsExactly(1, 2, 3);
  }

  @Test
  void aNameThatIsNotThere_listsThoseThatAre() throws IOException {
    Path file = file(zip("q.npy", npy("|u1", "()", "01"), "k.npy", npy("|u1", "()", "01")));
    assertThatThrownBy(() -> Npz.open(file).read("v"))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("'" + file + "' holds no tensor 'v', only 'q', 'k'");
  }

  @Test
  void aNameThatLeavesTheFolder_isOnlyAName() throws IOException {
    Npz npz = Npz.open(file(zip("../../up.npy", npy("|u1", "()", "07"))));
    assertThat(npz.read("../../up").toLongs()).containsExactly(7);
    assertThatThrownBy(() -> npz.read("/etc/passwd")).hasMessageContaining("holds no tensor");
  }

  @Test
  void anEntryThatInflatesBeyondItsShape_isRefusedByTheSizeItDeclares() throws IOException {
    byte[] bomb = Arrays.copyOf(npy("|u1", "(1,)", "01"), 50 << 20);
    Path file = file(zip("q.npy", bomb));
    assertThat(Files.size(file)).isLessThan(1 << 20);
    assertThatThrownBy(() -> Npz.open(file).read("q"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("'q' in '" + file + "' has 524")
        .hasMessageContaining("bytes too many: uint8 [1] takes 1 bytes");
  }

  @Test
  void anEntryThatInflatesBeyondWhatItDeclares_isRefusedAtTheFirstByteTooMany() throws IOException {
    byte[] honest = npy("|u1", "(1,)", "01");
    byte[] zip = zip("q.npy", Arrays.copyOf(honest, 50 << 20));
    directory(zip).putInt(REAL_SIZE, honest.length);
    Path file = file(zip);
    assertThatThrownBy(() -> Npz.open(file).read("q"))
        .isInstanceOf(TensorFileException.class)
        .hasMessage(
            "'q' in '" + file + "' has more bytes after its elements: uint8 [1] takes 1 bytes");
  }

  @Test
  void anEntryThatDeclaresMoreThanItHas_takesNoMemoryForIt() throws IOException {
    byte[] entry = npy("<f4", "(500000000,)", "00 00 80 3f");
    byte[] zip = zip("q.npy", entry);
    directory(zip).putInt(REAL_SIZE, entry.length - 4 + 2_000_000_000);
    Path file = file(zip);
    assertThatThrownBy(() -> Npz.open(file).read("q"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("'q' in '" + file + "' is truncated: float32 [500000000] takes")
        .hasMessageEndingWith("but only 4 are there");
  }

  @Test
  void aDamagedElement_isFoundByItsChecksum() throws IOException {
    byte[] zip = stored();
    int at = new String(zip, StandardCharsets.ISO_8859_1).indexOf("\u0001\u0002\u0003");
    zip[at] = 9;
    Path file = file(zip);
    assertThatThrownBy(() -> Npz.open(file).read("q"))
        .isInstanceOf(TensorFileException.class)
        .hasMessage(
            "'q' in '"
                + file
                + "' is damaged: its checksum is not the one that the zip file states");
  }

  @Test
  void twoTensorsOfOneName_areRefused() throws IOException {
    byte[] zip = zip("q.npy", npy("|u1", "()", "01"), "k.npy", npy("|u1", "()", "02"));
    String text = new String(zip, StandardCharsets.ISO_8859_1).replace("k.npy", "q.npy");
    Path file = file(text.getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Npz.open(file))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("'" + file + "' holds two tensors named 'q'");
  }

  @Test
  void aFileThatIsNoZip_isRefused() throws IOException {
    Path file = file(new byte[] {'P', 'K', 3, 4, 0});
    assertThatThrownBy(() -> Npz.open(file))
        .isInstanceOf(TensorFileException.class)
        .hasMessageStartingWith("'" + file + "' cannot be read: ");
    assertThatThrownBy(() -> Npz.open(folder.resolve("none")))
        .hasMessageStartingWith("there is no tensor file");
  }

  /** A zip file of one tensor that is not compressed. */
  private static byte[] stored() throws IOException {
    byte[] npy = npy("|u1", "(3,)", "01 02 03");
    CRC32 crc = new CRC32();
    crc.update(npy);
    ZipEntry entry = new ZipEntry("q.npy");
    entry.setMethod(ZipEntry.STORED);
    entry.setSize(npy.length);
    entry.setCrc(crc.getValue());
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      zip.putNextEntry(entry);
      zip.write(npy);
    }
    return bytes.toByteArray();
  }

  /** The zip file's own directory, which comes after all entries. */
  private static ByteBuffer directory(byte[] zip) {
    int at = new String(zip, StandardCharsets.ISO_8859_1).lastIndexOf("PK\u0001\u0002");
    return ByteBuffer.wrap(zip, at, zip.length - at).slice().order(ByteOrder.LITTLE_ENDIAN);
  }

  private Path file(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("it.npz"), bytes);
  }
}
