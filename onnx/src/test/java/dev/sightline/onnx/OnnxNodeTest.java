package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxNodeTest {
  @TempDir Path folder;
  private final GraphBuilder graph = new GraphBuilder("one");

  @Test
  void aModelOfOneNode_isReadWithItsNames() throws IOException {
    attention();
    Path file = Files.write(folder.resolve("model.onnx"), model());
    OnnxNode node = OnnxNode.read(file);
    assertThat(node.operator()).isEqualTo("Attention");
    assertThat(node.domain()).isEmpty();
    assertThat(node.opset()).isEqualTo(24);
    assertThat(node.inputs()).containsExactly("Q", "K", "V", "", "", "", "lengths");
    assertThat(node.outputs()).containsExactly("Y", "", "", "scores");
    assertThat(node.graphInputs())
        .extracting(TensorSpec::name)
        .containsExactly("Q", "K", "V", "lengths");
    assertThat(node.graphInputs()).extracting(TensorSpec::type).contains(ElementType.INT64);
    assertThat(node.graphOutputs()).extracting(TensorSpec::name).containsExactly("Y", "scores");
  }

  @Test
  void attributes_areReadByKind() throws IOException {
    attention();
    OnnxNode node = parse();
    assertThat(node.attributes())
        .hasSize(5)
        .containsEntry("is_causal", new OnnxAttribute.Int(1))
        .containsEntry("scale", new OnnxAttribute.Real(0.25f))
        .containsEntry("mode", new OnnxAttribute.Text("fast"))
        .containsEntry("axes", new OnnxAttribute.Ints(List.of(2L, -1L)))
        .containsEntry("value", new OnnxAttribute.Other("TENSOR"));
  }

  @Test
  void theVersion_isThatOfTheNodesOwnDomain() throws IOException {
    GraphBuilder.Op attention = attention().of("ai.onnx");
    assertThat(parse().opset()).isEqualTo(24);
    assertThat(parse().domain()).isEmpty();
    attention.of("com.microsoft");
    assertThat(parse().domain()).isEqualTo("com.microsoft");
    assertThat(parse().opset()).isEqualTo(3);
  }

  @Test
  void modelsOfMoreOrFewerNodes_areRefusedWithTheirCount() {
    assertThatThrownBy(this::parse)
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' is not an ONNX model: it holds no graph");
    attention();
    node();
    node();
    assertThatThrownBy(this::parse)
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' has 3 nodes; expected a model of one");
  }

  @Test
  void aNodeThatIsGivenWeights_isRefused() {
    attention();
    graph.longs("K", 1);
    assertThatThrownBy(this::parse)
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' gives its node 'K', which is no input of the model");
  }

  @Test
  void aModelThatGivesSomethingElse_isRefused() {
    attention();
    graph.outputOf("Q", ElementType.FLOAT32);
    assertThatThrownBy(this::parse)
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' gives 'Q', which is no output of its node");
  }

  @Test
  void anAttributeThatIsSetTwice_isRefused() throws IOException {
    attention();
    ModelProto.Builder twice = ModelProto.parseFrom(model()).toBuilder();
    NodeProto.Builder node = twice.getGraphBuilder().getNodeBuilder(0);
    node.addAttribute(node.getAttribute(1));
    assertThatThrownBy(() -> OnnxNode.parse(twice.build().toByteArray(), "it"))
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' sets the attribute 'scale' twice");
  }

  @Test
  void damagedModels_areReadOrRefused() {
    long seed = 20260729;
    Random random = new Random(seed);
    attention();
    byte[] valid = model();
    int refused = 0;
    for (int i = 0; i < 4000; i++) {
      byte[] mutant = valid.clone();
      for (int d = random.nextInt(3); d >= 0; d--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt(256);
      }
      try {
        OnnxNode.parse(mutant, "it");
      } catch (ModelException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError(
            "mutant " + i + " of seed " + seed + ": " + Arrays.toString(mutant), e);
      }
    }
    assertThat(refused).as("refused, seed %d", seed).isBetween(400, 3999);
  }

  private GraphBuilder.Op attention() {
    for (String name : List.of("Q", "K", "V")) {
      graph.input(name, ElementType.FLOAT32);
    }
    graph.input("lengths", ElementType.INT64);
    graph.outputOf("Y", ElementType.FLOAT32);
    graph.outputOf("scores", ElementType.FLOAT32);
    return node();
  }

  /** A node with an attribute of each kind; it is not run. */
  private GraphBuilder.Op node() {
    AttributeProto tensor =
        AttributeProto.newBuilder()
            .setName("value")
            .setType(AttributeProto.AttributeType.TENSOR)
            .setT(TensorProto.getDefaultInstance())
            .build();
    return graph
        .op("Attention", "Q", "K", "V", "", "", "", "lengths")
        .outputs("Y", "", "", "scores")
        .with("is_causal", 1)
        .with("scale", 0.25)
        .with("mode", "fast")
        .withAll("axes", 2, -1)
        .with(tensor);
  }

  private byte[] model() {
    return graph.domain(GraphBuilder.MICROSOFT, 3).model(24, "");
  }

  private OnnxNode parse() throws IOException {
    return OnnxNode.parse(model(), "it");
  }
}
