package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.AttributeProto.AttributeType;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
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

  @Test
  void aModelOfOneNode_isReadWithItsNames() throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), model(graph(attention())));
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
    OnnxNode node = parse(graph(attention()));
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
    assertThat(parse(graph(attention().setDomain("ai.onnx"))).opset()).isEqualTo(24);
    assertThat(parse(graph(attention().setDomain("ai.onnx"))).domain()).isEmpty();
    OnnxNode contributed = parse(graph(attention().setDomain("com.microsoft")));
    assertThat(contributed.domain()).isEqualTo("com.microsoft");
    assertThat(contributed.opset()).isEqualTo(3);
  }

  @Test
  void modelsOfMoreOrFewerNodes_areRefusedWithTheirCount() {
    assertThatThrownBy(() -> parse(graph(attention()).addNode(attention()).addNode(attention())))
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' has 3 nodes; expected a model of one");
    assertThatThrownBy(() -> parse(GraphProto.newBuilder()))
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' is not an ONNX model: it holds no graph");
  }

  @Test
  void aNodeThatIsGivenWeights_orAModelThatGivesSomethingElse_isRefused() {
    assertThatThrownBy(
            () -> parse(graph(attention()).addInitializer(TensorProto.newBuilder().setName("K"))))
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' gives its node 'K', which is no input of the model");
    assertThatThrownBy(() -> parse(graph(attention()).addOutput(value("Q", 1))))
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' gives 'Q', which is no output of its node");
    assertThatThrownBy(() ->
            parse(
                graph(
                    attention()
                        .addAttribute(
                            AttributeProto.newBuilder()
                                .setName("scale")
                                .setType(AttributeType.FLOAT)))))
        .isInstanceOf(ModelException.class)
        .hasMessage("'it' sets the attribute 'scale' twice");
  }

  @Test
  void damagedModels_areReadOrRefused() {
    long seed = 20260729;
    Random random = new Random(seed);
    byte[] valid = model(graph(attention()));
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

  private static NodeProto.Builder attention() {
    return NodeProto.newBuilder()
        .setOpType("Attention")
        .addAllInput(List.of("Q", "K", "V", "", "", "", "lengths"))
        .addAllOutput(List.of("Y", "", "", "scores"))
        .addAttribute(attribute("is_causal", AttributeType.INT).setI(1))
        .addAttribute(attribute("scale", AttributeType.FLOAT).setF(0.25f))
        .addAttribute(attribute("mode", AttributeType.STRING).setS(ByteString.copyFromUtf8("fast")))
        .addAttribute(attribute("axes", AttributeType.INTS).addInts(2).addInts(-1))
        .addAttribute(
            attribute("value", AttributeType.TENSOR).setT(TensorProto.getDefaultInstance()));
  }

  private static AttributeProto.Builder attribute(String name, AttributeType type) {
    return AttributeProto.newBuilder().setName(name).setType(type);
  }

  private static GraphProto.Builder graph(NodeProto.Builder node) {
    return GraphProto.newBuilder()
        .addNode(node)
        .addInput(value("Q", TensorProto.DataType.FLOAT_VALUE))
        .addInput(value("K", TensorProto.DataType.FLOAT_VALUE))
        .addInput(value("V", TensorProto.DataType.FLOAT_VALUE))
        .addInput(value("lengths", TensorProto.DataType.INT64_VALUE))
        .addOutput(value("Y", TensorProto.DataType.FLOAT_VALUE))
        .addOutput(value("scores", TensorProto.DataType.FLOAT_VALUE));
  }

  private static ValueInfoProto value(String name, int type) {
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder().setTensorType(TypeProto.Tensor.newBuilder().setElemType(type)))
        .build();
  }

  private static byte[] model(GraphProto.Builder graph) {
    return ModelProto.newBuilder()
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(24))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("com.microsoft").setVersion(3))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static OnnxNode parse(GraphProto.Builder graph) throws IOException {
    return OnnxNode.parse(model(graph), "it");
  }
}
