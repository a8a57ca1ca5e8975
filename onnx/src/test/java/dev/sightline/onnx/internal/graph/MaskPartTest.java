package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import dev.sightline.tensor.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

class MaskPartTest {
  private final GraphBuilder graph = new GraphBuilder("part");
  private final String hidden = graph.input("hidden", ElementType.FLOAT32, "B", "L", "4");
  private final String weights =
      graph.floats("weights", ElementType.FLOAT32, new float[4 * 6], 4, 6);

  @Test
  void productWithWeights_isZeros_whereItsShapeIsAllThatCounts() {
    String product = graph.op("MatMul", hidden, weights).named("product").out();
    graph.op("Tanh", product).named("other").out();
    mask(graph.node("Softmax", product));
    graph.outputOf("other", ElementType.FLOAT32, "B", "L", "6");

    GraphProto part = part(13);

    assertThat(part.getNodeList())
        .extracting(NodeProto::getOpType)
        .containsExactly(
            "Shape", "Slice", "Concat", "ConstantOfShape", "Softmax", "Shape", "ConstantOfShape");
    assertThat(node(part, "product").getOpType()).isEqualTo("ConstantOfShape");
    assertThat(part.getOutputList()).extracting(output -> output.getName()).containsExactly("mask");
  }

  @Test
  void productWithWeights_isComputed_whereAMaskIsMadeOfItsValues() {
    String product = graph.op("MatMul", hidden, weights).named("product").out();
    graph.op("Greater", product, graph.scalar(0)).named("mask").out();
    graph.outputOf("mask", ElementType.BOOL, "B", "L", "6");

    assertThat(node(part(13), "product").getOpType()).isEqualTo("MatMul");
  }

  @Test
  void productWithWeights_isComputed_whereTheShapeFollowsFromItsValues() {
    String product = graph.op("MatMul", hidden, weights).named("product").out();
    mask(graph.node("NonZero", product));

    assertThat(node(part(13), "product").getOpType()).isEqualTo("MatMul");
  }

  @Test
  void productWithWeights_isComputed_beforeSliceTookItsBoundsAsInputs() {
    String product = graph.op("MatMul", hidden, weights).named("product").out();
    mask(product);

    assertThat(node(part(9), "product").getOpType()).isEqualTo("MatMul");
  }

  private void mask(String shaped) {
    graph.op("ConstantOfShape", graph.node("Shape", shaped)).named("mask").out();
    graph.outputOf("mask", ElementType.FLOAT32, "B", "L", "6");
  }

  private GraphProto part(long opset) {
    ModelProto model =
        ModelProto.newBuilder()
            .setGraph(graph.graph())
            .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(opset))
            .build();
    return MaskPart.of(model, List.of("mask")).getGraph();
  }

  private static NodeProto node(GraphProto graph, String output) {
    return graph.getNodeList().stream()
        .filter(node -> node.getOutputList().contains(output))
        .findFirst()
        .orElseThrow();
  }
}
