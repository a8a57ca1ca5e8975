package dev.sightline.tensor;

import static dev.sightline.tensor.Bytes.dictionary;
import static dev.sightline.tensor.Bytes.hex;
import static dev.sightline.tensor.Bytes.npy;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class NpyReadTest {
  @TempDir Path folder;

  /** Two elements of each type, big end first; the other order is this one turned around. */
  @ParameterizedTest
  @CsvSource({
    "b1, BOOL, 00 01, 0, 1",
    "i1, INT8, 80 7f, -128, 127",
    "u1, UINT8, 80 ff, 128, 255",
    "i2, INT16, 80 00 01 02, -32768, 258",
    "u2, UINT16, 80 00 01 02, 32768, 258",
    "i4, INT32, ff ff ff fe 00 01 02 03, -2, 66051",
    "u4, UINT32, 80 00 00 00 00 01 02 03, 2147483648, 66051",
    "i8, INT64, ff ff ff ff ff ff ff fe 00 00 00 00 00 01 02 03, -2, 66051",
    "u8, UINT64, 80 00 00 00 00 00 00 00 00 00 00 00 00 01 02 03, 9223372036854775808, 66051",
    "f2, FLOAT16, c0 00 3e 00, -2, 1.5",
    "f4, FLOAT32, c0 00 00 00 3f c0 00 00, -2, 1.5",
    "f8, FLOAT64, c0 00 00 00 00 00 00 00 3f f8 00 00 00 00 00 00, -2, 1.5"
  })
  void everyType_isReadInBothByteOrders(
      String descr, ElementType type, String bigEndian, float first, float second)
      throws IOException {
    byte[] big = hex(bigEndian);
    byte[] little = big.clone();
    for (int start = 0; start < big.length; start += type.bytes()) {
      for (int i = 0; i < type.bytes(); i++) {
        little[start + i] = big[start + type.bytes() - 1 - i];
      }
    }
    boolean nativeIsBig = ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN;
    for (String order : new String[] {"<", ">", "=", "|", ""}) {
      byte[] bytes =
          switch (order) {
            case "<" -> little;
            case ">" -> big;
            default -> nativeIsBig ? big : little;
          };
      RawTensor tensor = read(npy(1, dictionary(order + descr, false, "(2,)"), bytes));
      assertThat(tensor).hasToString(type + " [2]");
      assertThat(tensor.elements().toArray()).containsExactly(little);
      assertThat(tensor.toFloats().data()).as("order '%s'", order).containsExactly(first, second);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void allVersions_areRead(int major) throws IOException {
    RawTensor tensor = read(npy(major, dictionary("<i2", false, "(1, 2)"), hex("01 00 02 00")));
    assertThat(tensor.shape()).isEqualTo(Shape.of(1, 2));
    assertThat(tensor.toLongs()).containsExactly(1, 2);
  }

  @Test
  void fortranOrder_isTurnedIntoRowMajor() throws IOException {
    // Element (i, j, k) of shape [2, 3, 2] holds 100 i + 10 j + k; the first index runs fastest.
    int[] shape = {2, 3, 2};
    byte[] columns = new byte[12];
    long[] rows = new long[12];
    for (int i = 0; i < 2; i++) {
      for (int j = 0; j < 3; j++) {
        for (int k = 0; k < 2; k++) {
          columns[i + 2 * (j + 3 * k)] = (byte) (100 * i + 10 * j + k);
          rows[(i * 3 + j) * 2 + k] = 100L * i + 10L * j + k;
        }
      }
    }
    RawTensor bytes = read(npy(1, dictionary("|u1", true, "(2, 3, 2)"), columns));
    assertThat(bytes.shape()).isEqualTo(Shape.of(shape));
    assertThat(bytes.toLongs()).containsExactly(rows);
    for (int width : new int[] {2, 4, 8}) {
      byte[] wide = new byte[12 * width];
      for (int i = 0; i < 12; i++) {
        wide[(i + 1) * width - 1] = columns[i];
      }
      assertThat(read(npy(1, dictionary(">u" + width, true, "(2, 3, 2)"), wide)).toLongs())
          .as("%d bytes", width)
          .containsExactly(rows);
    }
  }

  @Test
  void fortranOrder_ofAVectorAScalarOrNothing_changesNothing() throws IOException {
    assertThat(read(npy(1, dictionary("|u1", true, "(3,)"), hex("01 02 03"))).toLongs())
        .containsExactly(1, 2, 3);
    assertThat(read(npy(1, dictionary("|u1", true, "()"), hex("07"))).toLongs()).containsExactly(7);
    assertThat(read(npy(1, dictionary("|u1", true, "(3, 0)"), hex(""))).toLongs()).isEmpty();
  }

  @Test
  void headersThatPythonWouldRead_areRead() throws IOException {
    for (String header :
        new String[] {
          "{\"shape\":(2,),\"descr\":\"|u1\",\"fortran_order\":False}",
          "{ 'descr' : '|u1' , 'fortran_order' : False , 'shape' : ( 2 , ) , } \n",
          "{'descr': '|u1', 'fortran_order': False, 'shape': (2L,)}" // Python 2 wrote so
        }) {
      assertThat(read(npy(1, header, hex("01 02"))).toLongs()).as(header).containsExactly(1, 2);
    }
  }

  @Test
  void scalarsAndEmptyTensors_areRead() throws IOException {
    RawTensor scalar = read(npy("<f4", "()", "00 00 80 3f"));
    assertThat(scalar.shape().rank()).isZero();
    assertThat(scalar.toFloats().data()).containsExactly(1);
    assertThat(read(npy("<f4", "(2, 0, 3)", "")).shape()).isEqualTo(Shape.of(2, 0, 3));
    String ones = "(" + "1, ".repeat(32) + ")";
    assertThat(read(npy("|u1", ones, "05")).shape().rank()).isEqualTo(32);
  }

  @Test
  void floats_areUsedWhereTheyWereRead_notCopied() throws IOException {
    RawTensor tensor = read(npy("<f4", "(2,)", "00 00 80 3f 00 00 00 40"));
    assertThat(tensor.toFloats().data()).isSameAs(tensor.toFloats().data()).containsExactly(1, 2);
    FloatTensor floats = FloatTensor.of(Shape.of(2), new float[] {3, 4});
    RawTensor wrapped = RawTensor.ofFloats(floats, ElementType.FLOAT32);
    assertThat(wrapped.toFloats().data()).isSameAs(floats.data());
    // A part of a larger array is not that array.
    TensorBytes part = TensorBytes.of(new float[] {5, 6, 7}).slice(4, 8);
    assertThat(RawTensor.of(ElementType.FLOAT32, Shape.of(2), part).toFloats().data())
        .containsExactly(6, 7);
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "BFLOAT16")
  void whatIsWritten_isReadAgain(ElementType type) throws IOException {
    byte[] elements = new byte[6 * type.bytes()];
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (byte) (37 * i);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Npy.write(out, RawTensor.of(type, Shape.of(2, 3), TensorBytes.of(elements)));
    RawTensor tensor = read(out.toByteArray());
    assertThat(tensor).hasToString(type + " [2, 3]");
    assertThat(tensor.elements().toArray()).containsExactly(elements);
  }

  @Test
  void bfloat16_isNotWritten() {
    RawTensor tensor = RawTensor.of(ElementType.BFLOAT16, Shape.of(1), TensorBytes.of(new byte[2]));
    assertThatThrownBy(() -> Npy.write(new ByteArrayOutputStream(), tensor))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a .npy file cannot hold bfloat16 [1]; write it as float32");
  }

  @Test
  void tensorsLargerThanOneChunk_areReadFromFilesAndStreams() throws IOException {
    byte[] elements = new byte[40 << 20]; // beyond what a stream is trusted with at first
    for (int i = 0; i < elements.length; i++) {
      elements[i] = (byte) (i * 31 + (i >> 13));
    }
    byte[] file = npy(1, dictionary("<i8", false, "(5242880,)"), elements);
    Path path = Files.write(folder.resolve("large.npy"), file);
    assertThat(Npy.read(path).elements().toArray()).isEqualTo(elements);
    assertThat(read(file).elements().toArray()).isEqualTo(elements);
  }

  @Test
  void everyPrefixOfAFile_isRefused() throws IOException {
    byte[] whole = npy("<f4", "(2,)", "00 00 80 3f 00 00 80 3f");
    for (int length = 0; length < whole.length; length++) {
      byte[] part = Arrays.copyOf(whole, length);
      Path path = Files.write(folder.resolve("part.npy"), part);
      for (boolean stream : new boolean[] {true, false}) {
        assertThatThrownBy(() -> Object.class.cast(stream ? read(part) : Npy.read(path)))
            .as("%d bytes", length)
            .isInstanceOf(TensorFileException.class)
            .hasMessageMatching("'.*' (ends within its .npy header|is truncated): .*");
      }
    }
  }

  private static RawTensor read(byte[] bytes) throws IOException {
    return Npy.read(new ByteArrayInputStream(bytes), "it");
  }
}
