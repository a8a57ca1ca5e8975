package dev.sightline.tensor;

import static dev.sightline.tensor.Bytes.hex;
import static dev.sightline.tensor.Bytes.npy;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each file is wrong in one way, and the message says in which. */
class NpyHostileTest {
  @TempDir Path folder;

  static Stream<Arguments> headers() {
    return Stream.of(
        // dictionaries that are none
        wrong("", "expected '{' at character 0 of ''"),
        wrong("[]", "expected '{' at character 0"),
        wrong("{", "expected a string"),
        wrong("{'descr", "expected the end of the string"),
        wrong("{'descr' '<f4'}", "expected ':'"),
        wrong("{'descr': 4}", "expected a string"),
        wrong("{'descr': '<f4' 'shape': ()}", "expected '}'"),
        wrong(good("<f4", "(1,)") + "x", "expected nothing"),
        wrong("{'fortran_order': 1}", "expected True or False"),
        wrong("{'shape': 3}", "expected '('"),
        wrong("{'shape': (3)}", "expected a tuple, such as (3,)"),
        wrong("{'shape': (3 4)}", "expected ',' or ')'"),
        wrong("{'shape': (3,", "expected a whole number"),
        wrong("{'shape': ((3,),)}", "expected a whole number"),
        wrong("{'shape': (1.5,)}", "expected ',' or ')'"),
        wrong("{'shape': (0x10,)}", "expected ',' or ')'"),
        wrong("{'shape': (,)}", "expected a whole number"),
        wrong("{'descr': {'descr': {}}}", "expected a string"),
        // keys
        wrong("{}", "without 'descr'"),
        wrong("{'descr': '<f4', 'fortran_order': False}", "without 'shape'"),
        wrong("{'descr': '<f4', 'shape': ()}", "without 'fortran_order'"),
        wrong("{'descr': '<f4', 'descr': '<f4'}", "has 'descr' twice"),
        wrong("{'extra': 1}", "unknown key in its .npy header: 'extra'"),
        wrong("{'\u001b[2J': 1}", "unknown key in its .npy header: '\\u001b[2J'"),
        // shapes
        wrong(good("<f4", "(2, -1)"), "an axis of length '-1'; expected 0 to 2^31 - 1"),
        wrong(good("<f4", "(99999999999999999999999,)"), "an axis of length '9999999999999"),
        wrong(good("<f4", "(4294967296, 4294967296)"), "an axis of length '4294967296'"),
        wrong(good("<f4", "(65536, 65536)"), "[65536, 65536]"),
        wrong(good("<f4", "(65536, 65536, 65536, 65536, 65536)"), "at most 2^31 - 1 elements"),
        wrong(good("<f4", "(" + "1,".repeat(33) + ")"), "a tensor of more than 32 axes"),
        // types
        wrong(good("|O", "(1,)"), "'|O', Python objects, which only unpickling could read"),
        wrong(good("|V2", "(1,)"), "'|V2', which NumPy also writes for bfloat16"),
        wrong(good("<V2", "(1,)"), "'<V2', which NumPy also writes for bfloat16"),
        wrong(good("<c8", "(1,)"), "of type '<c8', expected b1, i1 to i8, u1 to u8, f2, f4 or f8"),
        wrong(good("<U5", "(1,)"), "of type '<U5'"),
        wrong(good("<M8[ns]", "(1,)"), "of type '<M8[ns]'"),
        wrong(good("<f16", "(1,)"), "of type '<f16'"),
        wrong(good("<i3", "(1,)"), "of type '<i3'"),
        wrong(good("", "(1,)"), "of type ''"),
        wrong(good("<<f4", "(1,)"), "of type '<<f4'"),
        wrong(good("f4" + "x".repeat(500), "(1,)"), "xxx..."),
        wrong(
            "{'descr': [('a', '<f4'), ('b', '<i4')], 'fortran_order': False, 'shape': (1,)}",
            "a structured element type, '[('a', '<f4'), ('b', '<i4')]"),
        wrong("{'descr': " + "[".repeat(50_000), "a structured element type"),
        wrong("{'shape': " + "(".repeat(50_000), "expected a whole number"),
        wrong("{'d\u00e9scr': '<f4'}", "a .npy header that is not ASCII"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void aHeader_isRefusedForWhatIsWrongWithIt(String header, String problem) {
    for (int version = 1; version <= 3; version++) {
      byte[] file = npy(version, header, hex("00 00 80 3f"));
      assertThatThrownBy(() -> read(file))
          .isInstanceOf(TensorFileException.class)
          .hasMessageStartingWith("'it' has ")
          .hasMessageContaining(problem)
          .message()
          .hasSizeLessThan(400)
          .doesNotContain("\n");
    }
  }

  @Test
  void otherFiles_areRefused() {
    assertThatThrownBy(() -> read(hex("80 04 95 00 00 00 00 00 00 00")))
        .hasMessage("'it' is no .npy file: it does not begin with \\x93NUMPY");
    assertThatThrownBy(() -> read(npy(4, good("<f4", "(1,)"), hex("00 00 80 3f"))))
        .hasMessage("'it' is .npy version 4.0; expected 1.0, 2.0 or 3.0");
    byte[] minor = npy(1, good("<f4", "(1,)"), hex("00 00 80 3f"));
    minor[7] = 7;
    assertThatThrownBy(() -> read(minor)).hasMessageContaining("version 1.7");
  }

  @Test
  void aHugeHeaderLength_isRefusedBeforeItIsRead() throws IOException {
    byte[] file = hex("93 4e 55 4d 50 59 02 00 ff ff ff ff 7b");
    assertThatThrownBy(() -> read(file))
        .hasMessage("'it' claims a .npy header of 4294967295 bytes; at most 65536 are read");
    Path path = Files.write(folder.resolve("a"), hex("93 4e 55 4d 50 59 01 00 ff ff 7b"));
    assertThatThrownBy(() -> Npy.read(path))
        .hasMessageContaining("ends within its .npy header: 65535 bytes expected, 1 left");
  }

  @Test
  void aTensorLargerThanItsFile_isRefusedBeforeMemoryIsTaken() throws IOException {
    // 16 GiB, which the tests' memory does not have.
    byte[] file = npy("<f8", "(2147483647,)", "00 00 00 00 00 00 00 00");
    Path path = Files.write(folder.resolve("large.npy"), file);
    String taken = "float64 [2147483647] takes 17179869176 bytes, but ";
    assertThatThrownBy(() -> Npy.read(path))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("'" + path + "' is truncated: " + taken + "8 are left");
    assertThatThrownBy(() -> read(file))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("'it' is truncated: " + taken + "only 8 are there");
  }

  @Test
  void bytesBehindTheElements_areRefused() throws IOException {
    byte[] file = npy("<f4", "(1,)", "00 00 80 3f 00");
    Path path = Files.write(folder.resolve("long.npy"), file);
    assertThatThrownBy(() -> Npy.read(path))
        .hasMessageContaining("has 1 bytes too many: float32 [1] takes 4 bytes, 5 left");
    assertThatThrownBy(() -> read(file))
        .hasMessage("'it' has more bytes after its elements: float32 [1] takes 4 bytes");
  }

  @Test
  void aFileThatIsNotThere_isNamed() {
    assertThatThrownBy(() -> Npy.read(folder.resolve("none.npy")))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("there is no tensor file '" + folder.resolve("none.npy") + "'");
    assertThatThrownBy(() -> Npy.read(folder)).hasMessageStartingWith("there is no tensor file");
  }

  @Test
  void aStreamThatBreaks_isNamed() {
    var in =
        new InputStream() {
          @Override
          public int read() throws IOException {
            throw new IOException("the line went dead");
          }

          @Override
          public int read(byte[] into, int from, int count) throws IOException {
            return read();
          }
        };
    assertThatThrownBy(() -> Npy.read(in, "it"))
        .isInstanceOf(TensorFileException.class)
        .hasMessage("'it' cannot be read: the line went dead");
  }

  private static Arguments wrong(String header, String problem) {
    return Arguments.of(header, problem);
  }

  private static String good(String descr, String shape) {
    return Bytes.dictionary(descr, false, shape);
  }

  private static RawTensor read(byte[] bytes) throws IOException {
    return Npy.read(new ByteArrayInputStream(bytes), "it");
  }
}
