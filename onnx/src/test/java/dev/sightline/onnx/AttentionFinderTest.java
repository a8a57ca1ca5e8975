package dev.sightline.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.onnx.AttentionSite.MaskRoute;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Graphs reduced to what the finder looks at: no weights, no shapes, names that mean nothing. */
class AttentionFinderTest {
  @Test
  void softmaxBetweenTwoProducts_isAnAttention_whateverItsName() {
    AttentionSites sites =
        find(
            node("MatMul", "s", "q", "k"),
            node("Add", "t", "s", "mask"),
            node("Softmax", "p", "t"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.rejected()).isEmpty();
    assertThat(sites.found())
        .singleElement()
        .satisfies(site -> {
          assertThat(site.probabilities()).isEqualTo("p");
          assertThat(site.maskRoute()).isEqualTo(MaskRoute.VALUE);
          assertThat(site.maskOperands()).containsExactly("Add mask");
        });
  }

  @Test
  void classifierSoftmax_isRejected_sinceNoProductFollows() {
    AttentionSites sites = find(node("MatMul", "s", "q", "k"), node("Softmax", "p", "s"));

    assertThat(sites.found()).isEmpty();
    assertThat(sites.rejected().getFirst().reason()).contains("left operand of a product");
  }

  @Test
  void softmaxOfAWeightProduct_isRejected_sinceItHasNoKeys() {
    AttentionSites sites =
        find(
            node("MatMul", "s", "q", "weight"),
            node("Softmax", "p", "s"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.rejected().getFirst().reason()).contains("product of two activations");
  }

  @Test
  void probabilitiesOnTheRight_areNoAttention() {
    AttentionSites sites =
        find(
            node("MatMul", "s", "q", "k"),
            node("Softmax", "p", "s"),
            node("MatMul", "o", "v", "p"));

    assertThat(sites.found()).isEmpty();
  }

  @Test
  void maskBehindCastsAndArithmetic_isReachedByValue() {
    AttentionSites sites =
        find(
            node("Cast", "m1", "mask"),
            node("Sub", "m2", "weight", "m1"),
            node("Mul", "m3", "m2", "weight"),
            node("MatMul", "s", "q", "k"),
            node("Div", "t", "s", "weight"),
            node("Where", "u", "m3", "t", "weight"),
            node("Softmax", "p", "u"),
            node("Cast", "p2", "p"),
            node("MatMul", "o", "p2", "v"));

    assertThat(sites.found().getFirst().maskRoute()).isEqualTo(MaskRoute.VALUE);
    assertThat(sites.found().getFirst().maskOperands()).containsExactly("Where m3");
  }

  @Test
  void maskWhoseShapeAloneIsUsed_isAShapeRoute() {
    AttentionSites sites =
        find(
            node("Shape", "m1", "mask"),
            node("ConstantOfShape", "m2", "m1"),
            node("MatMul", "s", "q", "k"),
            node("Add", "t", "s", "m2"),
            node("Softmax", "p", "t"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.found().getFirst().maskRoute()).isEqualTo(MaskRoute.SHAPE_ONLY);
    assertThat(sites.found().getFirst().maskOperands()).isEmpty();
  }

  @Test
  void maskOfAnEarlierLayer_doesNotCountForALaterOne() {
    AttentionSites sites =
        find(
            node("MatMul", "s", "q", "k"),
            node("Add", "t", "s", "mask"),
            node("Softmax", "p", "t"),
            node("MatMul", "x", "p", "v"),
            node("MatMul", "s2", "x", "x"),
            node("Softmax", "p2", "s2"),
            node("MatMul", "o", "p2", "x"));

    assertThat(sites.found())
        .extracting(AttentionSite::layer, AttentionSite::maskRoute)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0, MaskRoute.VALUE),
            org.assertj.core.groups.Tuple.tuple(1, MaskRoute.NONE));
  }

  @Test
  void softmaxOverAnotherAxis_isRejected_butTheOldDefaultIsNamed() {
    AttentionSites sites =
        find(
            node("MatMul", "s", "q", "k"),
            node("Softmax", "p", "s").toBuilder()
                .addAttribute(
                    AttributeProto.newBuilder()
                        .setName("axis")
                        .setI(1)
                        .setType(AttributeProto.AttributeType.INT))
                .build(),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.rejected().getFirst().reason())
        .isEqualTo("it normalises axis 1, not the last one");
  }

  @Test
  void fusedAttention_isNamedAsOutOfReach() {
    AttentionSites sites = find(node("MultiHeadAttention", "o", "q", "k", "v"));

    assertThat(sites.rejected().getFirst().reason()).contains("fused MultiHeadAttention");
  }

  @Test
  void softmaxInsideABranch_isNamedAsOutOfReach() {
    NodeProto branch =
        node("If", "o", "q").toBuilder()
            .addAttribute(
                AttributeProto.newBuilder()
                    .setName("then_branch")
                    .setType(AttributeProto.AttributeType.GRAPH)
                    .setG(GraphProto.newBuilder().addNode(node("Softmax", "p", "q"))))
            .build();

    assertThat(find(branch).rejected().getFirst().reason()).contains("body of this If");
  }

  @Test
  void graphThatBitesItsTail_ends() {
    AttentionSites sites =
        find(
            node("Add", "a", "b", "mask"),
            node("Add", "b", "a", "q"),
            node("Softmax", "p", "b"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.found()).isEmpty();
  }

  @Test
  void nodesWithoutOperands_doNoHarm() {
    AttentionSites sites =
        find(
            node("MatMul", "s"),
            node("Gather", "g"),
            node("Where", "w", ""),
            node("Softmax", "p", "s"),
            node("MatMul", "o", "p"));

    assertThat(sites.found()).isEmpty();
  }

  @Test
  void chainOfAHundredThousandNodes_needsNoStack() {
    GraphProto.Builder graph = inputs();
    graph.addNode(node("MatMul", "x0", "q", "k"));
    for (int i = 0; i < 100_000; i++) {
      graph.addNode(node("Add", "x" + (i + 1), "x" + i, "weight"));
    }
    graph.addNode(node("Softmax", "p", "x100000")).addNode(node("MatMul", "o", "p", "v"));

    AttentionSites sites = new AttentionFinder(new Graph(graph.build()), "mask", 17).find();

    assertThat(sites.found()).hasSize(1);
  }

  private static AttentionSites find(NodeProto... nodes) {
    GraphProto graph = inputs().addAllNode(List.of(nodes)).build();
    return new AttentionFinder(new Graph(graph), "mask", 17).find();
  }

  private static GraphProto.Builder inputs() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String input : List.of("q", "k", "v", "mask")) {
      graph.addInput(ValueInfoProto.newBuilder().setName(input));
    }
    return graph.addInitializer(TensorProto.newBuilder().setName("weight"));
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addOutput(output)
        .addAllInput(List.of(inputs))
        .build();
  }
}
