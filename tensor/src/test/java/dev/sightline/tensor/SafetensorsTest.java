package dev.sightline.tensor;

import static dev.sightline.tensor.Bytes.safetensors;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "BOOL, BOOL, 01 00, 1, 0",
    "I8, INT8, 80 7f, -128, 127",
    "U8, UINT8, 80 7f, 128, 127",
    "I16, INT16, fe ff 02 01, -2, 258",
    "U16, UINT16, fe ff 02 01, 65534, 258",
    "I32, INT32, fe ff ff ff 02 01 00 00, -2, 258",
    "U32, UINT32, 00 00 00 80 02 01 00 00, 2147483648, 258",
    "I64, INT64, fe ff ff ff ff ff ff ff 02 01 00 00 00 00 00 00, -2, 258",
    "U64, UINT64, 00 00 00 00 00 00 00 80 02 01 00 00 00 00 00 00, 9223372036854775808, 258",
    "F16, FLOAT16, 00 c0 00 3e, -2, 1.5",
    "BF16, BFLOAT16, 00 c0 c0 3f, -2, 1.5",
    "F32, FLOAT32, 00 00 00 c0 00 00 c0 3f, -2, 1.5",
    "F64, FLOAT64, 00 00 00 00 00 00 00 c0 00 00 00 00 00 00 f8 3f, -2, 1.5"
  })
  void everyType_isRead(String dtype, ElementType type, String hex, float first, float second)
      throws IOException {
    int end = 2 * type.bytes();
    RawTensor tensor =
        open("{'t':{'dtype':'%s','shape':[1,2],'data_offsets':[0,%d]}}".formatted(dtype, end), hex)
            .read("t");
    assertThat(tensor).hasToString(type + " [1, 2]");
    assertThat(tensor.elements().toArray()).containsExactly(Bytes.hex(hex));
    assertThat(tensor.toFloats().data()).containsExactly(first, second);
  }

  @Test
  void severalTensors_areReadFromTheirPlaces() throws IOException {
    Safetensors file =
        open(
            "{'__metadata__':{'format':'pt'},'b':{'dtype':'U8','shape':[2],'data_offsets':[3,5]},"
                + "'none':{'dtype':'F32','shape':[0,7],'data_offsets':[3,3]},"
                + "'a':{'data_offsets':[0,3],'shape':[3],'dtype':'U8'},"
                + "'scalar':{'dtype':'U8','shape':[],'data_offsets':[5,6]}}    ",
            "01 02 03 04 05 06");
    assertThat(file.names()).containsExactly("b", "none", "a", "scalar");
    assertThat(file.read("a").toLongs()).containsExactly(1, 2, 3);
    assertThat(file.read("b").toLongs()).containsExactly(4, 5);
    assertThat(file.read("none").shape()).isEqualTo(Shape.of(0, 7));
    assertThat(file.read("scalar").shape().rank()).isZero();
    assertThat(file.read("scalar").toLongs()).containsExactly(6);
    assertThatThrownBy(() -> file.read("c"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageEndingWith("holds no tensor 'c', only 'b', 'none', 'a', 'scalar'");
  }

  @Test
  void aTypeThatIsNotRead_isNamed_andTheOthersAreRead() throws IOException {
    Safetensors file =
        open(
            "{'a':{'dtype':'F8_E4M3','shape':[2],'data_offsets':[0,2]},"
                + "'b':{'dtype':'U8','shape':[1],'data_offsets':[2,3]}}",
            "01 02 03");
    assertThat(file.read("b").toLongs()).containsExactly(3);
    assertThatThrownBy(() -> file.read("a"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageEndingWith(
            "holds 'a' as 'F8_E4M3'; expected BOOL, I8 to I64, U8 to U64, F16, BF16, F32 or F64");
  }

  static Stream<Arguments> headers() {
    String nested = "[".repeat(1000);
    return Stream.of(
        Arguments.of("", "is not that of a safetensors file"),
        Arguments.of("{", "not the JSON of a safetensors file"),
        Arguments.of("[]", "the header is START_ARRAY, expected START_OBJECT"),
        Arguments.of("{}}", "not the JSON"),
        Arguments.of("{} {}", "goes on after its last brace"),
        Arguments.of("{'t':" + nested, "'t' is START_ARRAY, expected START_OBJECT"),
        Arguments.of("{'t':{'shape':" + nested, "something else than whole numbers"),
        Arguments.of("{'t':{'x':1}}", "unknown key for 't': 'x'"),
        Arguments.of("{'t':{'dtype':'U8','shape':[1]}}", "without a dtype, a shape and a pair"),
        Arguments.of("{'t':{'dtype':'U8','data_offsets':[0,1]}}", "without a dtype, a shape"),
        Arguments.of("{'t':{'shape':[1],'data_offsets':[0,1]}}", "without a dtype, a shape"),
        Arguments.of(entry("U8", "[1]", "[0]"), "without a dtype, a shape and a pair"),
        Arguments.of(entry("U8", "[1]", "[0,1,2]"), "more than 2 numbers in the data_offsets"),
        Arguments.of("{'t':{'dtype':8}}", "dtype of 't' is VALUE_NUMBER_INT"),
        Arguments.of(entry("U8", "[-1]", "[0,1]"), "has -1 in the shape of 't'"),
        Arguments.of(entry("U8", "[1]", "[-1,0]"), "has -1 in the data_offsets of 't'"),
        Arguments.of(entry("U8", "[1.0]", "[0,1]"), "something else than whole numbers"),
        Arguments.of(entry("U8", "[1e2]", "[0,1]"), "something else than whole numbers"),
        Arguments.of(entry("U8", "[99999999999999999999]", "[0,1]"), "not the JSON"),
        Arguments.of(entry("U8", "[" + "1,".repeat(32) + "1]", "[0,1]"), "more than 32 numbers"),
        Arguments.of(entry("U8", "[2]", "[0,1]"), "'t' the bytes 0 to 1, but it is U8 [2]"),
        Arguments.of(entry("F32", "[1]", "[0,1]"), "the bytes 0 to 1, but it is F32 [1]"),
        Arguments.of(entry("U8", "[1]", "[1,0]"), "the bytes 1 to 0, but it is U8 [1]"),
        Arguments.of(entry("F8_E5M2", "[1]", "[1,0]"), "the bytes 1 to 0"),
        Arguments.of(
            entry("F64", "[4294967296, 4294967296]", "[0,0]"),
            "the bytes 0 to 0, but it is F64 [4294967296, 4294967296]"),
        Arguments.of(
            entry("U8", "[1]", "[1,2]"), "a hole between its tensors: 't' begins at byte 1"),
        Arguments.of(
            entry("U8", "[9223372036854775807]", "[0,9223372036854775807]"), "is truncated"),
        Arguments.of("{}", "has more bytes after its tensors: they take 0 bytes, but 1 follow"),
        Arguments.of(
            "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                + "'b':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
            "overlapping tensors: 'b' begins at byte 0, expected 1"),
        Arguments.of(
            "{'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]},"
                + "'a':{'dtype':'U8','shape':[1],'data_offsets':[0,1]}}",
            "holds two tensors named 'a'"),
        Arguments.of("{'t':{'dtype':'U8','dtype':'I8'}}", "has dtype twice for 't'"),
        Arguments.of("{'t':{'shape':[],'shape':[1]}}", "has shape twice for 't'"),
        Arguments.of(
            "{'t':{'data_offsets':[0,1],'data_offsets':[0,1]}}", "has data_offsets twice for 't'"),
        Arguments.of("{'__metadata__':{'a':1}}", "an entry of '__metadata__' is VALUE_NUMBER_INT"));
  }

  @ParameterizedTest
  @MethodSource("headers")
  void aHeader_isRefusedForWhatIsWrongWithIt(String header, String problem) {
    assertThatThrownBy(() -> open(header, "00"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining(problem)
        .message()
        .startsWith("'" + folder.resolve("it") + "'")
        .doesNotContain("\n");
  }

  @Test
  void aHugeHeader_isRefusedBeforeItIsRead() throws IOException {
    Path file = write(100_000_001);
    assertThatThrownBy(() -> Safetensors.open(file))
        .isInstanceOf(TensorFileException.class)
        .hasMessageEndingWith("claims a header of 100000001 bytes, at most 100000000 are allowed");
    write(-1);
    assertThatThrownBy(() -> Safetensors.open(file))
        .hasMessageContaining("a header of 18446744073709551615 bytes");
    write(100_000_000);
    assertThatThrownBy(() -> Safetensors.open(file))
        .hasMessageEndingWith("ends within its header: 100000000 bytes expected, 2 left");
  }

  @Test
  void aTensorOfMoreElementsThanAShapeHolds_isRefusedByName() throws IOException {
    // A file with a hole in it: 2 GiB that take no room on the disk.
    Path file = write(0);
    byte[] header = safetensors(entry("U8", "[2147483648]", "[0,2147483648]"), "");
    Files.write(file, header);
    try (var channel =
        java.nio.channels.FileChannel.open(file, java.nio.file.StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(new byte[1]), header.length + 2147483647L);
    }
    Safetensors safetensors = Safetensors.open(file);
    assertThatThrownBy(() -> safetensors.read("t"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("holds 't', which is too large: an axis holds at most 2^31 - 1");
  }

  @Test
  void everyPrefixOfAFile_isRefused() throws IOException {
    byte[] whole = safetensors(entry("U8", "[3]", "[0,3]"), "01 02 03");
    for (int length = 0; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("part"), Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Safetensors.open(file))
          .as("%d bytes", length)
          .isInstanceOf(TensorFileException.class);
    }
  }

  @Test
  void aFileThatShrinksAfterItWasOpened_isRefused() throws IOException {
    Safetensors safetensors = open(entry("U8", "[3]", "[0,3]"), "01 02 03");
    Path file = folder.resolve("it");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), (int) Files.size(file) - 1));
    assertThatThrownBy(() -> safetensors.read("t"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageEndingWith("is truncated: uint8 [3] takes 3 bytes, but 2 are left");
    Files.write(file, new byte[3]);
    assertThatThrownBy(() -> safetensors.read("t"))
        .isInstanceOf(TensorFileException.class)
        .hasMessageContaining("is truncated: 3 bytes are left");
  }

  private static String entry(String dtype, String shape, String offsets) {
    return "{'t':{'dtype':'" + dtype + "','shape':" + shape + ",'data_offsets':" + offsets + "}}";
  }

  private Path write(long headerLength) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(10).order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength);
    return Files.write(folder.resolve("it"), bytes.put((byte) '{').put((byte) '}').array());
  }

  private Safetensors open(String header, String hex) throws IOException {
    return Safetensors.open(Files.write(folder.resolve("it"), safetensors(header, hex)));
  }
}
