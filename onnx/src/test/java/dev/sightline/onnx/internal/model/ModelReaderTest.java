package dev.sightline.onnx.internal.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.file.Weight;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelReaderTest {
  private static final int ROWS = 40;
  private static final int COLUMNS = 128;

  private static byte[] bytes(int count) {
    byte[] bytes = new byte[count];
    for (int i = 0; i < count; i++) {
      bytes[i] = (byte) (i * 31 + i / 256);
    }
    return bytes;
  }

  /** A table of a type, small or large, that ids look up. */
  private static byte[] model(ElementType type, int rows) {
    GraphBuilder graph = new GraphBuilder("weights");
    String ids = graph.input("ids", ElementType.INT64, "n");
    ByteBuffer values = ByteBuffer.wrap(bytes(rows * COLUMNS * type.bytes()));
    String table = graph.constant("table", type, values, rows, COLUMNS);
    graph.output("y", graph.node("Gather", table, ids), type, "n", "" + COLUMNS);
    return graph.model(17, "test");
  }

  private static ModelReader.Read read(byte[] model) throws ModelException {
    return ModelReader.read(new ModelSource.InMemory(model), "'it'");
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"FLOAT16", "BFLOAT16", "FLOAT32", "FLOAT64", "INT8", "UINT8"})
  void largeWeights_areTakenOut_byteForByte(ElementType type) throws ModelException {
    byte[] model = model(type, ROWS);
    ModelReader.Read read = read(model);

    Weight weight = requireNonNull(read.weights().get("table"));
    assertThat(weight.type()).isEqualTo(type);
    assertThat(weight.dims()).containsExactly((long) ROWS, (long) COLUMNS);
    assertThat(TensorBytes.of(weight.values()).toArray())
        .containsExactly(bytes(ROWS * COLUMNS * type.bytes()));
    assertThat(read.model().getSerializedSize()).isLessThan(1000);
    assertThat(read.fileBytes()).isEqualTo(model.length);
  }

  @ParameterizedTest
  @EnumSource(
      value = ElementType.class,
      names = {"INT64", "INT32", "BOOL"})
  void wholeNumbers_stayInTheGraph(ElementType type) throws ModelException {
    ModelReader.Read read = read(model(type, ROWS));

    assertThat(read.weights()).isEmpty();
    assertThat(read.model().getGraph().getInitializer(0).getRawData().toByteArray())
        .containsExactly(bytes(ROWS * COLUMNS * type.bytes()));
  }

  @Test
  void smallWeights_stayInTheGraph() throws ModelException {
    ModelReader.Read read = read(model(ElementType.FLOAT32, 7));

    assertThat(read.weights()).isEmpty();
    assertThat(read.model().getGraph().getInitializer(0).getRawData().size()).isEqualTo(7 * 512);
  }

  @Test
  void fileOnDisk_isReadAsBytesInMemory(@TempDir Path folder) throws IOException {
    byte[] model = model(ElementType.FLOAT32, ROWS);
    Path file = Files.write(folder.resolve("model.onnx"), model);

    ModelReader.Read disk = ModelReader.read(new ModelSource.OnDisk(file), "'it'");
    ModelReader.Read memory = read(model);

    assertThat(disk.model()).isEqualTo(memory.model());
    assertThat(
            requireNonNull(disk.weights().get("table"))
                .values()
                .mismatch(requireNonNull(memory.weights().get("table")).values()))
        .isEqualTo(-1);
  }

  /** A size that is not that of the axes is the runtime's to refuse. */
  @Test
  void weightOfAnotherSize_staysInTheGraph() throws Exception {
    ModelProto.Builder proto = ModelProto.parseFrom(model(ElementType.FLOAT32, ROWS)).toBuilder();
    proto.getGraphBuilder().getInitializerBuilder(0).setDims(0, ROWS + 1);

    assertThat(read(proto.build().toByteArray()).weights()).isEmpty();
  }

  @Test
  void truncatedFiles_areRefusedInOneSentence() {
    byte[] model = model(ElementType.FLOAT32, ROWS);
    for (int length : new int[] {3, 40, 200, 4000, model.length / 2, model.length - 1}) {
      byte[] part = Arrays.copyOf(model, length);

      assertThatThrownBy(() -> Model.parse(part, "cut"))
          .as("%d bytes", length)
          .isInstanceOf(ModelException.class)
          .hasMessageStartingWith("'cut' ");
    }
  }

  /** A file cannot pretend that a weight of its is one that was taken out. */
  @Test
  void externalDataUnderTheNameInMemory_isRefused() throws Exception {
    ModelProto.Builder proto = ModelProto.parseFrom(model(ElementType.FLOAT32, ROWS)).toBuilder();
    proto
        .getGraphBuilder()
        .getInitializerBuilder(0)
        .clearRawData()
        .setDataLocation(TensorProto.DataLocation.EXTERNAL)
        .addExternalData(
            StringStringEntryProto.newBuilder().setKey("location").setValue(ModelReader.IN_MEMORY));

    assertThatThrownBy(() -> Model.parse(proto.build().toByteArray(), "liar"))
        .isInstanceOf(ModelException.class)
        .hasMessageContaining("'liar'");
  }
}
