package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.MaskPath;
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
          assertThat(site.node()).isEqualTo("p");
          assertThat(site.operator()).isEqualTo("Softmax");
          assertThat(site.masks())
              .containsExactly(
                  new MaskPath("mask", MaskRoute.VALUE, List.of("Add mask")),
                  new MaskPath("mask2", MaskRoute.NONE, List.of()));
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

    assertThat(sites.found().getFirst().masks().getFirst().route()).isEqualTo(MaskRoute.VALUE);
    assertThat(sites.found().getFirst().masks().getFirst().operands()).containsExactly("Where m3");
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

    assertThat(sites.found().getFirst().masks().getFirst().route()).isEqualTo(MaskRoute.SHAPE_ONLY);
    assertThat(sites.found().getFirst().masks().getFirst().operands()).isEmpty();
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
        .extracting(AttentionSite::layer, site -> site.masks().getFirst().route())
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
  void fusedOperatorWithoutScores_isASite_thatSaysWhyItIsNotReadable() {
    AttentionSites sites =
        find(microsoft(node("QAttention", "o", "x", "weight", "weight", "s", "s", "mask2")));

    assertThat(sites.found())
        .singleElement()
        .satisfies(site -> {
          assertThat(site.operator()).isEqualTo("com.microsoft.QAttention");
          assertThat(site.taps()).isEmpty();
          assertThat(site.whyNotReadable()).contains("keeps its probabilities to itself");
          assertThat(site.source()).isEqualTo(Source.SELF);
          assertThat(site.masks())
              .extracting(MaskPath::route)
              .containsExactly(MaskRoute.NONE, MaskRoute.VALUE);
        });
  }

  @Test
  void sinkBehindTheScores_isCutOffBeforeTheProbabilitiesAreRead() {
    AttentionFinder.Found found =
        found(
            node("MatMul", "s", "q", "k"),
            node("Add", "t", "s", "mask"),
            node("Concat", "u", "t", "weight"),
            node("Softmax", "p", "u"),
            node("Slice", "p2", "p", "weight", "weight"),
            node("MatMul", "o", "p2", "v"));

    assertThat(found.points())
        .singleElement()
        .satisfies(point -> {
          assertThat(point.probabilities()).isEqualTo(TapPoint.Place.of("p2"));
          assertThat(point.context()).isEqualTo(TapPoint.Place.of("o"));
        });
    assertThat(found.sites().found().getFirst().masks().getFirst().operands())
        .containsExactly("Add mask");
  }

  @Test
  void probabilitiesOnTheRight_areAnAttention_whereTheyAreTransposed() {
    AttentionFinder.Found found =
        found(
            node("MatMul", "s", "q", "k"),
            node("Softmax", "p", "s"),
            GraphNodes.transpose("p2", "p", List.of(0, 2, 1)),
            node("MatMul", "o", "v", "p2"));

    assertThat(found.points())
        .singleElement()
        .satisfies(point -> {
          assertThat(point.probabilities()).isEqualTo(TapPoint.Place.of("p"));
          assertThat(point.context()).isEqualTo(TapPoint.Place.permuted("o", List.of(0, 2, 1)));
        });
  }

  @Test
  void einsum_saysWhichOperandIsTheKey_andWhereTheAxesAre() {
    AttentionFinder.Found found =
        found(
            node("MatMul", "q1", "x", "weight"),
            einsum("bkhd,bqhd->bqhk", "s", "k", "q1"),
            node("Softmax", "p", "s"),
            einsum("bqhk,bkhd->bqhd", "o", "p", "v"));

    assertThat(found.points())
        .singleElement()
        .satisfies(point -> {
          assertThat(point.probabilities())
              .isEqualTo(TapPoint.Place.permuted("p", List.of(0, 2, 1, 3)));
          assertThat(point.context()).isEqualTo(TapPoint.Place.permuted("o", List.of(0, 2, 1, 3)));
          assertThat(point.hidden()).isEqualTo(TapPoint.Place.of("x"));
        });
  }

  @Test
  void softmaxInParts_isASoftmax() {
    AttentionSites sites =
        find(
            node("MatMul", "s", "q", "k"),
            node("Where", "t", "mask", "s", "weight"),
            node("ReduceMax", "m", "t"),
            node("Sub", "u", "t", "m"),
            node("Exp", "e", "u"),
            node("ReduceSum", "sum", "e", "axes"),
            node("Div", "p", "e", "sum"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.rejected()).isEmpty();
    assertThat(sites.found())
        .singleElement()
        .satisfies(site ->
            assertThat(site.masks().getFirst())
                .isEqualTo(new MaskPath("mask", MaskRoute.VALUE, List.of("Where mask"))));
  }

  @Test
  void keysOfTheSameHiddenStates_areSelfAttention_behindAPastToo() {
    AttentionSites sites =
        find(
            node("MatMul", "q1", "x", "weight"),
            node("MatMul", "k1", "x", "weight"),
            node("Concat", "k2", "k", "k1"),
            node("MatMul", "s", "q1", "k2"),
            node("Softmax", "p", "s"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.found().getFirst().source()).isEqualTo(Source.SELF);
  }

  @Test
  void keysOfOtherHiddenStates_areCrossAttention() {
    AttentionSites sites =
        find(
            node("MatMul", "q1", "x", "weight"),
            node("MatMul", "k1", "v", "weight"),
            node("MatMul", "s", "q1", "k1"),
            node("Softmax", "p", "s"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.found().getFirst().source()).isEqualTo(Source.CROSS);
  }

  @Test
  void anglesOfRotaryPositions_areNoProjection() {
    AttentionFinder.Found found =
        found(
            node("MatMul", "angles", "mask2", "weight"),
            node("Cos", "cos", "angles"),
            node("MatMul", "q1", "x", "weight"),
            node("Mul", "q2", "q1", "cos"),
            node("MatMul", "s", "q2", "k"),
            node("Softmax", "p", "s"),
            node("MatMul", "o", "p", "v"));

    assertThat(found.points().getFirst().hidden()).isEqualTo(TapPoint.Place.of("x"));
  }

  @Test
  void attentionOfWhichOnlyTheShapeIsUsed_isRejected() {
    GraphProto graph =
        inputs()
            .addNode(node("MatMul", "s", "q", "k"))
            .addNode(node("Softmax", "p", "s"))
            .addNode(node("MatMul", "o", "p", "v"))
            .addNode(node("Shape", "y", "o"))
            .addOutput(ValueInfoProto.newBuilder().setName("y"))
            .build();

    AttentionSites sites =
        new AttentionFinder(new Graph(graph), List.of("mask"), 17).find().sites();

    assertThat(sites.found()).isEmpty();
    assertThat(sites.rejected().getFirst().reason())
        .isEqualTo("no output of the model depends on its values");
  }

  @Test
  void maskThatABranchReads_isReachedByValue() {
    NodeProto branch =
        withBody(node("If", "m1", "q"), GraphProto.newBuilder().addNode(node("Cast", "c", "mask")));

    AttentionSites sites =
        find(
            branch,
            node("MatMul", "s", "q", "k"),
            node("Add", "t", "s", "m1"),
            node("Softmax", "p", "t"),
            node("MatMul", "o", "p", "v"));

    assertThat(sites.found().getFirst().masks().getFirst().route()).isEqualTo(MaskRoute.VALUE);
  }

  @Test
  void softmaxInsideABranch_isNamedAsOutOfReach() {
    NodeProto branch =
        withBody(node("If", "o", "q"), GraphProto.newBuilder().addNode(node("Softmax", "p", "q")));

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

    AttentionSites sites =
        new AttentionFinder(new Graph(graph.build()), List.of("mask"), 17).find().sites();

    assertThat(sites.found()).hasSize(1);
  }

  private static AttentionSites find(NodeProto... nodes) {
    return found(nodes).sites();
  }

  private static AttentionFinder.Found found(NodeProto... nodes) {
    GraphProto graph = inputs().addAllNode(List.of(nodes)).build();
    return new AttentionFinder(new Graph(graph), List.of("mask", "mask2"), 17).find();
  }

  private static GraphProto.Builder inputs() {
    GraphProto.Builder graph = GraphProto.newBuilder();
    for (String input : List.of("x", "q", "k", "v", "mask", "mask2")) {
      graph.addInput(ValueInfoProto.newBuilder().setName(input));
    }
    return graph
        .addInitializer(TensorProto.newBuilder().setName("weight"))
        .addInitializer(GraphNodes.longs("axes", -1));
  }

  private static NodeProto withBody(NodeProto node, GraphProto.Builder body) {
    return node.toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("then_branch")
                .setType(AttributeProto.AttributeType.GRAPH)
                .setG(body))
        .build();
  }

  private static NodeProto microsoft(NodeProto node) {
    return node.toBuilder().setDomain("com.microsoft").build();
  }

  private static NodeProto einsum(String equation, String output, String... inputs) {
    return node("Einsum", output, inputs).toBuilder()
        .addAttribute(
            AttributeProto.newBuilder()
                .setName("equation")
                .setType(AttributeProto.AttributeType.STRING)
                .setS(ByteString.copyFromUtf8(equation)))
        .build();
  }

  private static NodeProto node(String operator, String output, String... inputs) {
    return NodeProto.newBuilder()
        .setOpType(operator)
        .addOutput(output)
        .addAllInput(List.of(inputs))
        .build();
  }
}
