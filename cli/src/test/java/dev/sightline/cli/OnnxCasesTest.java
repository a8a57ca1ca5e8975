package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.NamedTensor;
import dev.sightline.onnx.OnnxNode;
import dev.sightline.onnx.TensorProtoFile;
import dev.sightline.onnx.inventory.TensorSpec;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The ONNX project's own test cases, as far as reading goes. */
class OnnxCasesTest {
  static List<Path> cases() throws IOException, URISyntaxException {
    Path folder =
        Path.of(Objects.requireNonNull(OnnxCasesTest.class.getResource("/onnx-attention")).toURI());
    try (Stream<Path> cases = Files.list(folder)) {
      return cases.sorted().toList();
    }
  }

  @Test
  void all55Cases_areThere() throws Exception {
    assertThat(cases()).hasSize(55);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void aCase_isReadAsItsModelDeclaresIt(Path folder) throws IOException {
    OnnxNode node = OnnxNode.read(folder.resolve("model.onnx"));
    assertThat(node.operator()).isEqualTo("Attention");
    assertThat(node.domain()).isEmpty();
    assertThat(node.opset()).isBetween(23L, 25L);
    try (Stream<Path> files = Files.list(folder.resolve("test_data_set_0"))) {
      assertThat(files).hasSize(node.graphInputs().size() + node.graphOutputs().size());
    }
    checkAll(folder, "input", node.graphInputs());
    checkAll(folder, "output", node.graphOutputs());
  }

  private static void checkAll(Path folder, String kind, List<TensorSpec> specs)
      throws IOException {
    for (int i = 0; i < specs.size(); i++) {
      NamedTensor read =
          TensorProtoFile.read(folder.resolve("test_data_set_0/" + kind + "_" + i + ".pb"));
      List<String> dims =
          IntStream.range(0, read.tensor().shape().rank())
              .mapToObj(axis -> Integer.toString(read.tensor().shape().dim(axis)))
              .toList();
      TensorSpec spec = specs.get(i);
      assertThat(read.name()).isEqualTo(spec.name());
      assertThat(read.tensor().type().label()).isEqualTo(spec.typeLabel());
      assertThat(dims).as("shape of %s", spec).isEqualTo(spec.dims());
      assertThat(read.tensor().toFloats().data()).hasSize(read.tensor().shape().size());
    }
  }
}
