package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import com.google.protobuf.ByteString;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TensorProtoFileTest {
  @TempDir Path folder;

  /** The values 1 and 2, or true and false, or what shows the sign, in raw and in typed form. */
  static Stream<Arguments> types() {
    return Stream.of(
        type(DataType.BOOL, "bool", "01 00", t -> t.addInt32Data(1).addInt32Data(0)),
        type(DataType.INT8, "int8", "80 7f", t -> t.addInt32Data(-128).addInt32Data(127)),
        type(DataType.UINT8, "uint8", "80 ff", t -> t.addInt32Data(128).addInt32Data(255)),
        type(DataType.INT16, "int16", "fe ff 02 01", t -> t.addInt32Data(-2).addInt32Data(258)),
        type(
            DataType.UINT16, "uint16", "fe ff 02 01", t -> t.addInt32Data(65534).addInt32Data(258)),
        type(
            DataType.INT32,
            "int32",
            "fe ff ff ff 02 01 00 00",
            t -> t.addInt32Data(-2).addInt32Data(258)),
        type(
            DataType.UINT32,
            "uint32",
            "00 00 00 80 02 01 00 00",
            t -> t.addUint64Data(1L << 31).addUint64Data(258)),
        type(
            DataType.INT64,
            "int64",
            "fe ff ff ff ff ff ff ff 02 01 00 00 00 00 00 00",
            t -> t.addInt64Data(-2).addInt64Data(258)),
        type(
            DataType.UINT64,
            "uint64",
            "ff ff ff ff ff ff ff ff 02 01 00 00 00 00 00 00",
            t -> t.addUint64Data(-1).addUint64Data(258)),
        type(
            DataType.FLOAT16,
            "float16",
            "00 c0 00 3e",
            t -> t.addInt32Data(0xC000).addInt32Data(0x3E00)),
        type(
            DataType.BFLOAT16,
            "bfloat16",
            "00 c0 c0 3f",
            t -> t.addInt32Data(0xC000).addInt32Data(0x3FC0)),
        type(
            DataType.FLOAT,
            "float32",
            "00 00 00 c0 00 00 c0 3f",
            t -> t.addFloatData(-2).addFloatData(1.5f)),
        type(
            DataType.DOUBLE,
            "float64",
            "00 00 00 00 00 00 00 c0 00 00 00 00 00 00 f8 3f",
            t -> t.addDoubleData(-2).addDoubleData(1.5)));
  }

  @ParameterizedTest
  @MethodSource("types")
  void everyType_isReadInBothForms(
      DataType type, String label, byte[] raw, Consumer<TensorProto.Builder> typed)
      throws IOException {
    TensorProto.Builder withRaw = proto(type, 1, 2).setRawData(ByteString.copyFrom(raw));
    TensorProto.Builder withTyped = proto(type, 1, 2);
    typed.accept(withTyped);
    for (TensorProto.Builder proto : new TensorProto.Builder[] {withRaw, withTyped}) {
      Path file = Files.write(folder.resolve("it.pb"), proto.build().toByteArray());
      NamedTensor read = TensorProtoFile.read(file);
      assertThat(read).hasToString("x " + label + " [1, 2]");
      assertThat(read.tensor().elements().toArray()).containsExactly(raw);
    }
  }

  @Test
  void bytesWrittenByHand_areRead() throws IOException {
    // dims 2 (field 1), data_type 9 = bool (2), name "m" (8), raw_data 01 00 (9)
    NamedTensor read = TensorProtoFile.parse(hex("08 02 10 09 42 01 6d 4a 02 01 00"), "it");
    assertThat(read.name()).isEqualTo("m");
    assertThat(read.tensor().toBooleans()).containsExactly(true, false);
  }

  @Test
  void scalarsAndEmptyTensors_areRead() throws IOException {
    RawTensor scalar = parse(proto(DataType.INT64).addInt64Data(7)).tensor();
    assertThat(scalar.shape()).isEqualTo(Shape.of());
    assertThat(scalar.toLongs()).containsExactly(7);
    assertThat(parse(proto(DataType.FLOAT, 2, 0)).tensor().toFloats().data()).isEmpty();
    assertThat(parse(proto(DataType.FLOAT, 0).setRawData(ByteString.EMPTY)).tensor().shape())
        .isEqualTo(Shape.of(0));
  }

  static Stream<Arguments> hostile() {
    ByteString four = ByteString.copyFrom(new byte[4]);
    return Stream.of(
        Arguments.of(TensorProto.newBuilder(), "its element type is UNDEFINED"),
        Arguments.of(proto(DataType.STRING, 1), "its element type is STRING"),
        Arguments.of(proto(DataType.INT4, 1), "its element type is INT4"),
        Arguments.of(proto(DataType.FLOAT, 1).setDataType(99), "its element type is number 99"),
        Arguments.of(
            proto(DataType.FLOAT, 1).setDataLocation(TensorProto.DataLocation.EXTERNAL),
            "keeps its elements in another file"),
        Arguments.of(
            proto(DataType.FLOAT, 1)
                .setRawData(four)
                .addExternalData(StringStringEntryProto.newBuilder().setKey("location")),
            "keeps its elements in another file"),
        Arguments.of(
            proto(DataType.FLOAT, 1)
                .setRawData(four)
                .setSegment(TensorProto.Segment.newBuilder().setBegin(0)),
            "holds a part of a tensor"),
        Arguments.of(proto(DataType.FLOAT, -1), "the shape is [-1]"),
        Arguments.of(proto(DataType.FLOAT, 1L << 40), "the shape is [1099511627776]"),
        Arguments.of(proto(DataType.FLOAT, 65536, 65536), "the shape is [65536, 65536]"),
        Arguments.of(proto(DataType.FLOAT, new long[33]), "a tensor of 33 axes; at most 32"),
        Arguments.of(proto(DataType.FLOAT, Integer.MAX_VALUE), "holds 0 elements, but a tensor"),
        Arguments.of(
            proto(DataType.FLOAT, Integer.MAX_VALUE).setRawData(four),
            "float32 [2147483647] takes 8589934588 bytes, but 4 were given"),
        Arguments.of(
            proto(DataType.FLOAT, 2).addFloatData(1),
            "holds 1 elements, but a tensor float32 [2] has 2"),
        Arguments.of(proto(DataType.FLOAT, 0).addFloatData(1), "holds 1 elements"),
        Arguments.of(proto(DataType.FLOAT, 0).setRawData(four), "takes 0 bytes, but 4 were given"),
        Arguments.of(
            proto(DataType.FLOAT, 1).addDoubleData(1),
            "1 elements in fields that are not those of"),
        Arguments.of(
            proto(DataType.FLOAT, 1).setRawData(four).addFloatData(1), "beside its raw_data"),
        Arguments.of(
            proto(DataType.UINT8, 1).addInt32Data(256),
            "has 256 as element 0; expected 0 to 255 for uint8"),
        Arguments.of(
            proto(DataType.INT8, 2).addInt32Data(0).addInt32Data(-129),
            "has -129 as element 1; expected -128 to 127 for int8"),
        Arguments.of(proto(DataType.BOOL, 1).addInt32Data(2), "expected 0 to 1 for bool"),
        Arguments.of(proto(DataType.FLOAT16, 1).addInt32Data(-1), "expected 0 to 65535"),
        Arguments.of(
            proto(DataType.UINT32, 1).addUint64Data(1L << 32), "expected 0 to 4294967295"));
  }

  @ParameterizedTest
  @MethodSource("hostile")
  void aTensor_isRefusedForWhatIsWrongWithIt(TensorProto.Builder proto, String problem) {
    assertThatThrownBy(() -> parse(proto))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("'it' ")
        .hasMessageContaining(problem);
  }

  @Test
  void otherFiles_areRefused() {
    assertThatThrownBy(() -> TensorProtoFile.parse(hex("ff ff ff"), "it"))
        .isInstanceOf(ModelException.class)
        .hasMessageStartingWith("'it' is not an ONNX tensor, or a part of one: ");
    assertThatThrownBy(() -> TensorProtoFile.read(folder.resolve("none.pb")))
        .isInstanceOf(ModelException.class)
        .hasMessage("there is no tensor file '" + folder.resolve("none.pb") + "'");
  }

  @Test
  void damagedFiles_areReadOrRefused() {
    long seed = 20260729;
    Random random = new Random(seed);
    byte[][] valid = {
      proto(DataType.FLOAT, 3, 2)
          .setRawData(ByteString.copyFrom(new byte[24]))
          .build()
          .toByteArray(),
      proto(DataType.INT64, 2).addInt64Data(5).addInt64Data(-1).build().toByteArray(),
      proto(DataType.BFLOAT16, 2).addInt32Data(5).addInt32Data(600).build().toByteArray()
    };
    int refused = 0;
    for (int i = 0; i < 6000; i++) {
      byte[] mutant = valid[i % valid.length].clone();
      for (int d = random.nextInt(3); d >= 0; d--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      if (random.nextInt(10) == 0) {
        mutant = Arrays.copyOf(mutant, random.nextInt(mutant.length));
      }
      try {
        TensorProtoFile.parse(mutant, "it").tensor().toFloats();
      } catch (ModelException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "mutant " + i + " of seed " + seed + ": " + Arrays.toString(mutant), e);
      }
    }
    assertThat(refused).as("refused, seed %d", seed).isBetween(600, 5999);
  }

  private static Arguments type(
      DataType type, String label, String raw, Consumer<TensorProto.Builder> typed) {
    return Arguments.of(type, label, hex(raw), typed);
  }

  private static TensorProto.Builder proto(DataType type, long... dims) {
    TensorProto.Builder proto = TensorProto.newBuilder().setName("x").setDataType(type.getNumber());
    for (long dim : dims) {
      proto.addDims(dim);
    }
    return proto;
  }

  private static NamedTensor parse(TensorProto.Builder proto) throws IOException {
    return TensorProtoFile.parse(proto.build().toByteArray(), "it");
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }
}
