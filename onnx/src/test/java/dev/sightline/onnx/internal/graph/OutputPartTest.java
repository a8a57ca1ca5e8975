package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.tensor.ElementType;
import java.util.List;
import org.junit.jupiter.api.Test;

class OutputPartTest {
  private final GraphBuilder graph = new GraphBuilder("part");
  private final String hidden = graph.input("hidden", ElementType.FLOAT32, "B", "4");

  @Test
  void nodesThatNoOutputIsMadeOf_areLeftOut_evenIfOnlyAShapeIsRead() {
    String shaped = graph.op("Tanh", hidden).named("shaped").out();
    String made = graph.op("Relu", hidden).named("made").out();
    graph.op("Exp", made).named("after").out();
    graph.op("Reshape", made, graph.node("Shape", shaped)).named("wanted").out();
    graph.outputOf("wanted", ElementType.FLOAT32, "B", "4");
    graph.outputOf("after", ElementType.FLOAT32, "B", "4");

    GraphProto part = OutputPart.of(model(graph.graph()), List.of("wanted")).getGraph();

    assertThat(part.getNodeList())
        .extracting(NodeProto::getOpType)
        .containsExactlyInAnyOrder("Tanh", "Relu", "Shape", "Reshape");
    assertThat(part.getOutputList()).extracting(ValueInfoProto::getName).containsExactly("wanted");
    assertThat(part.getInputList()).extracting(ValueInfoProto::getName).containsExactly("hidden");
  }

  @Test
  void whatABodyReads_isKept() {
    graph.op("Relu", hidden).named("captured").out();
    String condition = graph.input("condition", ElementType.BOOL, "1");
    GraphProto body =
        GraphProto.newBuilder()
            .setName("body")
            .addNode(
                NodeProto.newBuilder().setOpType("Exp").addInput("captured").addOutput("inner"))
            .addOutput(ValueInfoProto.newBuilder().setName("inner"))
            .build();
    NodeProto.Builder choice =
        NodeProto.newBuilder().setOpType("If").addInput(condition).addOutput("wanted");
    for (String branch : List.of("then_branch", "else_branch")) {
      choice.addAttribute(
          AttributeProto.newBuilder()
              .setName(branch)
              .setType(AttributeProto.AttributeType.GRAPH)
              .setG(body));
    }
    GraphProto whole =
        graph.graph().toBuilder()
            .addNode(choice)
            .addNode(NodeProto.newBuilder().setOpType("Neg").addInput("wanted").addOutput("after"))
            .addOutput(ValueInfoProto.newBuilder().setName("wanted"))
            .build();

    assertThat(OutputPart.of(model(whole), List.of("wanted")).getGraph().getNodeList())
        .extracting(NodeProto::getOpType)
        .containsExactly("Relu", "If");
  }

  private static ModelProto model(GraphProto graph) {
    return ModelProto.newBuilder()
        .setGraph(graph)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .build();
  }
}
