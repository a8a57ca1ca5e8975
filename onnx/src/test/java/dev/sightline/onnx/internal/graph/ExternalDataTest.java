package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.FunctionProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.SparseTensorProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TrainingInfoProto;
import com.google.protobuf.UnknownFieldSet;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.internal.FilePart;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExternalDataTest {
  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  @TempDir private Path above;
  private Path folder;

  @BeforeEach
  void folder() throws IOException {
    folder = Files.createDirectory(above.resolve("models"));
    Files.write(above.resolve("secret.bin"), new byte[400]);
    byte[] weights = new byte[1000];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (byte) (i * 31);
    }
    Files.write(folder.resolve("weights.bin"), weights);
  }

  private static TensorProto tensor(String... entries) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName("w")
            .setDataType(FLOAT)
            .addDims(25)
            .addDims(4)
            .setDataLocation(TensorProto.DataLocation.EXTERNAL);
    for (int i = 0; i < entries.length; i += 2) {
      tensor.addExternalData(
          StringStringEntryProto.newBuilder().setKey(entries[i]).setValue(entries[i + 1]));
    }
    return tensor.build();
  }

  private static NodeProto node(AttributeProto.Builder attribute) {
    return NodeProto.newBuilder().setOpType("Op").addAttribute(attribute.setName("a")).build();
  }

  private static GraphProto graph(NodeProto node) {
    return GraphProto.newBuilder().addNode(node).build();
  }

  private static ModelProto model(GraphProto graph) {
    return ModelProto.newBuilder().setGraph(graph).build();
  }

  private static ModelProto withWeight(TensorProto w) {
    return model(GraphProto.newBuilder().addInitializer(w).build());
  }

  /** A model for each place where the format has a tensor. */
  private static Map<String, ModelProto> everywhere(TensorProto w) {
    SparseTensorProto values = SparseTensorProto.newBuilder().setValues(w).build();
    SparseTensorProto indices = SparseTensorProto.newBuilder().setIndices(w).build();
    GraphProto weights = GraphProto.newBuilder().addInitializer(w).build();
    NodeProto constant = node(AttributeProto.newBuilder().setT(w));
    Map<String, ModelProto> models = new LinkedHashMap<>();
    models.put("initializer", model(weights));
    models.put(
        "sparse values", model(GraphProto.newBuilder().addSparseInitializer(values).build()));
    models.put(
        "sparse indices", model(GraphProto.newBuilder().addSparseInitializer(indices).build()));
    models.put("attribute", model(graph(constant)));
    models.put("tensors", model(graph(node(AttributeProto.newBuilder().addTensors(w)))));
    models.put(
        "sparse attribute",
        model(graph(node(AttributeProto.newBuilder().setSparseTensor(values)))));
    models.put(
        "sparse attributes",
        model(graph(node(AttributeProto.newBuilder().addSparseTensors(indices)))));
    models.put("body", model(graph(node(AttributeProto.newBuilder().setG(weights)))));
    models.put(
        "body of a body",
        model(
            graph(
                node(
                    AttributeProto.newBuilder()
                        .addGraphs(graph(node(AttributeProto.newBuilder().setG(weights))))))));
    models.put(
        "function",
        ModelProto.newBuilder()
            .addFunctions(FunctionProto.newBuilder().setName("f").addNode(constant))
            .build());
    models.put(
        "default of a function's attribute",
        ModelProto.newBuilder()
            .addFunctions(
                FunctionProto.newBuilder()
                    .setName("f")
                    .setUnknownFields(
                        UnknownFieldSet.newBuilder()
                            .addField(
                                11,
                                UnknownFieldSet.Field.newBuilder()
                                    .addLengthDelimited(
                                        AttributeProto.newBuilder().setT(w).build().toByteString())
                                    .build())
                            .build()))
            .build());
    models.put(
        "training",
        ModelProto.newBuilder()
            .addTrainingInfo(TrainingInfoProto.newBuilder().setAlgorithm(weights))
            .build());
    return models;
  }

  private List<FilePart> check(ModelProto model) throws ModelException {
    return ExternalData.check(model, folder, "'m'", tensor -> false);
  }

  @Test
  void dataOutsideTheFolder_areRefused_whereverTheTensorIs() throws ModelException {
    for (var each : everywhere(tensor("location", "../secret.bin")).entrySet()) {
      assertThatThrownBy(() -> check(each.getValue()))
          .as(each.getKey())
          .isInstanceOf(ModelException.class)
          .hasMessage(
              "'m' keeps the weight 'w' in '../secret.bin', which is not inside the model's own"
                  + " folder");
    }
    for (var each :
        everywhere(tensor("location", "*/_ORT_MEM_ADDR_/*", "offset", "4096")).entrySet()) {
      assertThatThrownBy(() -> check(each.getValue()))
          .as(each.getKey())
          .hasMessage("'m' keeps the weight 'w' at an address in memory, which no file can know");
    }
    for (ModelProto model : everywhere(tensor("location", "weights.bin")).values()) {
      assertThat(check(model)).hasSize(1);
    }
  }

  @Test
  void whatIsSaidTwice_isRefused() {
    refused(
        "'m' says twice of the weight 'w' what its 'location' is",
        "location",
        "weights.bin",
        "location",
        "../secret.bin");
    refused(
        "'m' says twice of the weight 'w' what its 'offset' is",
        "location",
        "weights.bin",
        "offset",
        "0",
        "offset",
        "8");
  }

  @Test
  void dataOutsideTheFile_areRefused() throws ModelException {
    String start = "'m' keeps the weight 'w' in 'weights.bin', ";
    String has = " on, but the file has 1000";
    refused(start + "400 bytes from 601" + has, "location", "weights.bin", "offset", "601");
    refused(start + "1001 bytes from 0" + has, "location", "weights.bin", "length", "1001");
    refused(
        start + "400 bytes from 999999999999999999" + has,
        "location",
        "weights.bin",
        "offset",
        "999999999999999999",
        "length",
        "400");
    for (String wrong : List.of("-4", "0x10", "", "1e3", "9999999999999999999", "4 ")) {
      refused(
          start + "with the offset '" + wrong + "', which is no number of bytes",
          "location",
          "weights.bin",
          "offset",
          wrong);
    }
    TensorProto huge =
        tensor("location", "weights.bin").toBuilder()
            .clearDims()
            .addDims(1L << 62)
            .addDims(8)
            .build();
    assertThatThrownBy(() -> check(model(GraphProto.newBuilder().addInitializer(huge).build())))
        .hasMessageEndingWith(" bytes from 0" + has);
    assertThat(check(withWeight(tensor("location", "weights.bin", "offset", "600"))))
        .containsExactly(new FilePart(folder.resolve("weights.bin"), 600, 1000));
  }

  private void refused(String message, String... entries) {
    assertThatThrownBy(() -> check(withWeight(tensor(entries))))
        .isInstanceOf(ModelException.class)
        .hasMessage(message);
  }

  /** A terabyte that no disk holds: no weight uses it, so it is not read. */
  @Test
  void sparseFile_isHashedWhereItIsUsed() throws IOException {
    Path sparse = folder.resolve("sparse.bin");
    try (RandomAccessFile file = new RandomAccessFile(sparse.toFile(), "rw")) {
      file.write(new byte[] {1, 2, 3, 4});
      file.setLength(1L << 40);
    }
    List<FilePart> parts = check(withWeight(tensor("location", "sparse.bin", "length", "400")));

    assertThat(parts).containsExactly(new FilePart(sparse, 0, 400));
    byte[] first = new byte[400];
    System.arraycopy(new byte[] {1, 2, 3, 4}, 0, first, 0, 4);
    assertThat(Sha256.of(new byte[0], parts)).isEqualTo(Sha256.of(first));
  }

  @Test
  void fileThatIsMostlyWeights_isHashedWhole() throws IOException {
    GraphProto two =
        GraphProto.newBuilder()
            .addInitializer(tensor("location", "weights.bin", "offset", "0", "length", "400"))
            .addInitializer(tensor("location", "weights.bin", "offset", "300", "length", "400"))
            .build();

    List<FilePart> parts = check(model(two));

    assertThat(parts).containsExactly(FilePart.whole(folder.resolve("weights.bin")));
    assertThat(Sha256.of(new byte[0], parts))
        .isEqualTo(Sha256.of(Files.readAllBytes(folder.resolve("weights.bin"))));
  }
}
