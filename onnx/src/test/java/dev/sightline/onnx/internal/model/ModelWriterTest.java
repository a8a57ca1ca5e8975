package dev.sightline.onnx.internal.model;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataLocation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written is the model that was read, with another graph. */
class ModelWriterTest {
  @TempDir Path folder;

  /** A product of a weight that is taken out of the graph when it is read. */
  private static byte[] product() {
    Random random = new Random(1);
    float[] weights = new float[64 * 32];
    for (int n = 0; n < weights.length; n++) {
      weights[n] = random.nextFloat();
    }
    GraphBuilder graph = new GraphBuilder("product");
    String x = graph.input("x", ElementType.FLOAT32, "rows", "64");
    String w = graph.floats("w", ElementType.FLOAT32, weights, 64, 32);
    graph.output("y", graph.node("MatMul", x, w), ElementType.FLOAT32, "rows", "32");
    return graph.model(17, "test");
  }

  @Test
  void model_writtenAndReadAgain_hasTheSameGraphAndWeights() throws IOException, ModelException {
    Path in = Files.write(folder.resolve("in.onnx"), product());
    ParsedModel read = ParsedModel.of(Model.open(in));
    assertThat(read.weights()).containsOnlyKeys("w");
    ModelProto changed =
        read.proto().toBuilder()
            .addMetadataProps(StringStringEntryProto.newBuilder().setKey("who").setValue("me"))
            .build();

    Path out = folder.resolve("out.onnx");
    new ModelWriter(read).write(changed, out);

    ModelProto written = ModelProto.parseFrom(Files.readAllBytes(out));
    ModelProto original = ModelProto.parseFrom(Files.readAllBytes(in));
    assertThat(written.getMetadataPropsList()).hasSize(1);
    assertThat(written.toBuilder().clearMetadataProps().build()).isEqualTo(original);
    assertThat(run(out).data()).isEqualTo(run(in).data());
  }

  private static FloatTensor run(Path file) throws ModelException {
    float[] ones = new float[64];
    Arrays.fill(ones, 1);
    try (ModelSession session = Model.open(file).session()) {
      RawTensor x = RawTensor.ofFloats(FloatTensor.of(Shape.of(1, 64), ones), ElementType.FLOAT32);
      return requireNonNull(session.run(Map.of("x", x), List.of("y")).get("y"));
    }
  }

  /** A model whose weight is in a file of 2.2 GB of zeros, which take no place on the disk. */
  private Path large(Path in) throws IOException {
    Files.createDirectories(in);
    long size = 2_200_000_000L;
    try (RandomAccessFile weights = new RandomAccessFile(in.resolve("w.bin").toFile(), "rw")) {
      weights.setLength(size);
    }
    GraphBuilder graph = new GraphBuilder("large");
    String x = graph.input("x", ElementType.FLOAT32, "rows", "1000");
    String w = graph.constant(external("w", "w.bin", 1000, size / 4000, size));
    graph.output("y", graph.node("MatMul", x, w), ElementType.FLOAT32);
    return Files.write(in.resolve("in.onnx"), graph.model(17, "test"));
  }

  private static TensorProto external(
      String name, String file, long rows, long columns, long length) {
    return TensorProto.newBuilder()
        .setName(name)
        .setDataType(TensorProto.DataType.FLOAT_VALUE)
        .addDims(rows)
        .addDims(columns)
        .setDataLocation(DataLocation.EXTERNAL)
        .addExternalData(entry("location", file))
        .addExternalData(entry("length", String.valueOf(length)))
        .build();
  }

  private static StringStringEntryProto entry(String key, String value) {
    return StringStringEntryProto.newBuilder().setKey(key).setValue(value).build();
  }

  @Test
  void weightsOfMoreThan2Gb_inAnotherFile_stayThere() throws IOException, ModelException {
    Path in = large(folder.resolve("model"));
    ParsedModel read = ParsedModel.of(Model.open(in));
    Path out = in.resolveSibling("out.onnx");
    new ModelWriter(read).write(read.proto(), out);
    assertThat(Files.readAllBytes(out)).hasSizeLessThan(1000);
    assertThat(ParsedModel.of(Model.open(out)).externalFiles())
        .containsExactly(in.resolveSibling("w.bin"));
  }

  @Test
  void weightsInAnotherFile_areCopiedIntoAnotherFolder() throws IOException, ModelException {
    Path in = small();
    ParsedModel read = ParsedModel.of(Model.open(in));
    Path other = Files.createDirectories(folder.resolve("other"));
    new ModelWriter(read).write(read.proto(), other.resolve("out.onnx"));
    assertThat(Files.readAllBytes(other.resolve("sub/w.bin"))).hasSize(4 * 6).startsWith(0, 1, 2);
    new ModelWriter(read).write(read.proto(), other.resolve("again.onnx"));

    Files.write(other.resolve("sub/w.bin"), new byte[] {1});
    assertThatThrownBy(() -> new ModelWriter(read).write(read.proto(), other.resolve("no.onnx")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("w.bin' is not the weights of the model");
    assertThat(other.resolve("no.onnx")).doesNotExist();
  }

  private Path small() throws IOException {
    Path in = Files.createDirectories(folder.resolve("in/sub"));
    byte[] bytes = new byte[4 * 6];
    for (int n = 0; n < bytes.length; n++) {
      bytes[n] = (byte) n;
    }
    Files.write(in.resolve("w.bin"), bytes);
    GraphBuilder graph = new GraphBuilder("small");
    String x = graph.input("x", ElementType.FLOAT32, "rows", "3");
    String w = graph.constant(external("w", "sub/w.bin", 3, 2, bytes.length));
    graph.output("y", graph.node("MatMul", x, w), ElementType.FLOAT32);
    return Files.write(in.resolveSibling("in.onnx"), graph.model(17, "test"));
  }

  @Test
  void outputOverAnInput_isRefused_andNothingIsLost() throws IOException, ModelException {
    Path in = small();
    byte[] before = Files.readAllBytes(in);
    ModelWriter writer = new ModelWriter(ParsedModel.of(Model.open(in)));
    Path link = Files.createSymbolicLink(folder.resolve("link.onnx"), in);
    for (Path file : List.of(in, link, in.resolveSibling("sub/w.bin"))) {
      assertThatThrownBy(() -> writer.requireOther(file))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("is a file of the model itself");
    }
    assertThat(Files.readAllBytes(in)).isEqualTo(before);
  }

  @Test
  void fileThatCannotBeWritten_leavesNothingBehind() throws IOException, ModelException {
    ModelWriter writer = new ModelWriter(ParsedModel.of(Model.open(small())));
    Path other = Files.createDirectories(folder.resolve("other"));
    Path taken = Files.createDirectories(other.resolve("out.onnx"));
    assertThatThrownBy(() -> writer.requireOther(taken)).hasMessageContaining("not a regular file");
    assertThatThrownBy(() -> writer.requireOther(other.resolve("no/out.onnx")))
        .hasMessageContaining("its folder does not exist");
    Path device = Path.of("/dev/full");
    assumeTrue(Files.exists(device));
    assertThatThrownBy(() -> writer.requireOther(device)).hasMessageContaining("not a regular");
    ModelProto graph = ParsedModel.of(Model.open(small())).proto();
    try (OutputStream full = Files.newOutputStream(device)) {
      assertThatThrownBy(() -> writer.write(graph, full)).isInstanceOf(IOException.class);
    }
    try (Stream<Path> left = Files.walk(other).filter(Files::isRegularFile)) {
      assertThat(left).isEmpty();
    }
  }
}
