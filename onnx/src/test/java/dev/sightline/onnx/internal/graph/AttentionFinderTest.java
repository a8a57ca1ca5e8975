package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.AttentionSites;
import dev.sightline.onnx.inventory.MaskPath;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Graphs reduced to what the finder looks at: no weights, no shapes, names that mean nothing. */
class AttentionFinderTest {
  private final GraphBuilder graph = new GraphBuilder("sketch");

  AttentionFinderTest() {
    List.of("x", "q", "k", "v", "mask", "mask2").forEach(graph::input);
    graph.longs("weight", 1);
    graph.longs("axes", -1);
  }

  @Test
  void softmaxBetweenTwoProducts_isAnAttention_whateverItsName() {
    node("MatMul", "s", "q", "k");
    node("Add", "t", "s", "mask");
    node("Softmax", "p", "t");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

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
    node("MatMul", "s", "q", "k");
    node("Softmax", "p", "s");
    AttentionSites sites = find();

    assertThat(sites.found()).isEmpty();
    assertThat(sites.rejected().getFirst().reason()).contains("left operand of a product");
  }

  @Test
  void softmaxOfAWeightProduct_isRejected_sinceItHasNoKeys() {
    node("MatMul", "s", "q", "weight");
    node("Softmax", "p", "s");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.rejected().getFirst().reason()).contains("product of two activations");
  }

  @Test
  void probabilitiesOnTheRight_areNoAttention() {
    node("MatMul", "s", "q", "k");
    node("Softmax", "p", "s");
    node("MatMul", "o", "v", "p");
    AttentionSites sites = find();

    assertThat(sites.found()).isEmpty();
  }

  @Test
  void maskBehindCastsAndArithmetic_isReachedByValue() {
    node("Cast", "m1", "mask");
    node("Sub", "m2", "weight", "m1");
    node("Mul", "m3", "m2", "weight");
    node("MatMul", "s", "q", "k");
    node("Div", "t", "s", "weight");
    node("Where", "u", "m3", "t", "weight");
    node("Softmax", "p", "u");
    node("Cast", "p2", "p");
    node("MatMul", "o", "p2", "v");
    AttentionSites sites = find();

    assertThat(sites.found().getFirst().masks().getFirst().route()).isEqualTo(MaskRoute.VALUE);
    assertThat(sites.found().getFirst().masks().getFirst().operands()).containsExactly("Where m3");
  }

  @Test
  void maskWhoseShapeAloneIsUsed_isAShapeRoute() {
    node("Shape", "m1", "mask");
    node("ConstantOfShape", "m2", "m1");
    node("MatMul", "s", "q", "k");
    node("Add", "t", "s", "m2");
    node("Softmax", "p", "t");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.found().getFirst().masks().getFirst().route()).isEqualTo(MaskRoute.SHAPE_ONLY);
    assertThat(sites.found().getFirst().masks().getFirst().operands()).isEmpty();
  }

  @Test
  void maskOfAnEarlierLayer_doesNotCountForALaterOne() {
    node("MatMul", "s", "q", "k");
    node("Add", "t", "s", "mask");
    node("Softmax", "p", "t");
    node("MatMul", "x", "p", "v");
    node("MatMul", "s2", "x", "x");
    node("Softmax", "p2", "s2");
    node("MatMul", "o", "p2", "x");
    AttentionSites sites = find();

    assertThat(sites.found())
        .extracting(AttentionSite::layer, site -> site.masks().getFirst().route())
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(0, MaskRoute.VALUE),
            org.assertj.core.groups.Tuple.tuple(1, MaskRoute.NONE));
  }

  @Test
  void softmaxOverAnotherAxis_isRejected_butTheOldDefaultIsNamed() {
    node("MatMul", "s", "q", "k");
    node("Softmax", "p", "s").with("axis", 1);
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.rejected().getFirst().reason())
        .isEqualTo("it normalises axis 1, not the last one");
  }

  @Test
  void fusedOperatorWithoutScores_isASite_thatSaysWhyItIsNotReadable() {
    node("QAttention", "o", "x", "weight", "weight", "s", "s", "mask2").of(GraphBuilder.MICROSOFT);
    AttentionSites sites = find();

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
    node("MatMul", "s", "q", "k");
    node("Add", "t", "s", "mask");
    node("Concat", "u", "t", "weight");
    node("Softmax", "p", "u");
    node("Slice", "p2", "p", "weight", "weight");
    node("MatMul", "o", "p2", "v");
    AttentionFinder.Found found = found();

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
    node("MatMul", "s", "q", "k");
    node("Softmax", "p", "s");
    graph.op("Transpose", "p").withAll("perm", 0, 2, 1).named("p2");
    node("MatMul", "o", "v", "p2");
    AttentionFinder.Found found = found();

    assertThat(found.points())
        .singleElement()
        .satisfies(point -> {
          assertThat(point.probabilities()).isEqualTo(TapPoint.Place.of("p"));
          assertThat(point.context()).isEqualTo(TapPoint.Place.permuted("o", List.of(0, 2, 1)));
        });
  }

  @Test
  void einsum_saysWhichOperandIsTheKey_andWhereTheAxesAre() {
    node("MatMul", "q1", "x", "weight");
    einsum("bkhd,bqhd->bqhk", "s", "k", "q1");
    node("Softmax", "p", "s");
    einsum("bqhk,bkhd->bqhd", "o", "p", "v");
    AttentionFinder.Found found = found();

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
    node("MatMul", "s", "q", "k");
    node("Where", "t", "mask", "s", "weight");
    node("ReduceMax", "m", "t");
    node("Sub", "u", "t", "m");
    node("Exp", "e", "u");
    node("ReduceSum", "sum", "e", "axes");
    node("Div", "p", "e", "sum");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.rejected()).isEmpty();
    assertThat(sites.found())
        .singleElement()
        .satisfies(site ->
            assertThat(site.masks().getFirst())
                .isEqualTo(new MaskPath("mask", MaskRoute.VALUE, List.of("Where mask"))));
  }

  @Test
  void keysOfTheSameHiddenStates_areSelfAttention_behindAPastToo() {
    node("MatMul", "q1", "x", "weight");
    node("MatMul", "k1", "x", "weight");
    node("Concat", "k2", "k", "k1");
    node("MatMul", "s", "q1", "k2");
    node("Softmax", "p", "s");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.found().getFirst().source()).isEqualTo(Source.SELF);
  }

  @Test
  void keysOfOtherHiddenStates_areCrossAttention() {
    node("MatMul", "q1", "x", "weight");
    node("MatMul", "k1", "v", "weight");
    node("MatMul", "s", "q1", "k1");
    node("Softmax", "p", "s");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.found().getFirst().source()).isEqualTo(Source.CROSS);
  }

  @Test
  void anglesOfRotaryPositions_areNoProjection() {
    node("MatMul", "angles", "mask2", "weight");
    node("Cos", "cos", "angles");
    node("MatMul", "q1", "x", "weight");
    node("Mul", "q2", "q1", "cos");
    node("MatMul", "s", "q2", "k");
    node("Softmax", "p", "s");
    node("MatMul", "o", "p", "v");
    AttentionFinder.Found found = found();

    assertThat(found.points().getFirst().hidden()).isEqualTo(TapPoint.Place.of("x"));
  }

  @Test
  void attentionOfWhichOnlyTheShapeIsUsed_isRejected() {
    node("MatMul", "s", "q", "k");
    node("Softmax", "p", "s");
    node("MatMul", "o", "p", "v");
    node("Shape", "y", "o");
    graph.outputOf("y");

    AttentionSites sites = find();

    assertThat(sites.found()).isEmpty();
    assertThat(sites.rejected().getFirst().reason())
        .isEqualTo("no output of the model depends on its values");
  }

  @Test
  void maskThatABranchReads_isReachedByValue() {
    GraphBuilder branch = graph.body("then");
    branch.op("Cast", "mask").named("c");
    node("If", "m1", "q").with("then_branch", branch);
    node("MatMul", "s", "q", "k");
    node("Add", "t", "s", "m1");
    node("Softmax", "p", "t");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.found().getFirst().masks().getFirst().route()).isEqualTo(MaskRoute.VALUE);
  }

  @Test
  void softmaxInsideABranch_isNamedAsOutOfReach() {
    GraphBuilder branch = graph.body("then");
    branch.op("Softmax", "q").named("p");
    node("If", "o", "q").with("then_branch", branch);

    assertThat(find().rejected().getFirst().reason()).contains("body of this If");
  }

  @Test
  void graphThatBitesItsTail_ends() {
    node("Add", "a", "b", "mask");
    node("Add", "b", "a", "q");
    node("Softmax", "p", "b");
    node("MatMul", "o", "p", "v");
    AttentionSites sites = find();

    assertThat(sites.found()).isEmpty();
  }

  @Test
  void nodesWithoutOperands_doNoHarm() {
    node("MatMul", "s");
    node("Gather", "g");
    node("Where", "w", "");
    node("Softmax", "p", "s");
    node("MatMul", "o", "p");
    AttentionSites sites = find();

    assertThat(sites.found()).isEmpty();
  }

  /** Sizes that fit into no int, where an output projection's and a fused operator's are read. */
  @Test
  void sizesThatNoTensorHas_areTakenForUnknown() {
    for (List<Long> dims :
        List.of(List.of(1L << 40, 8L), List.of(-8L, 8L), List.of(8L, 1L << 62))) {
      GraphBuilder sketch = new GraphBuilder("sketch");
      List.of("q", "k", "v").forEach(sketch::input);
      sketch.constant(
          TensorProto.newBuilder().setName("wide").setDataType(1).addAllDims(dims).build());
      String scores = sketch.node("MatMul", "q", "k");
      String context = sketch.node("MatMul", sketch.node("Softmax", scores), "v");
      sketch.outputOf(sketch.node("MatMul", sketch.transpose(context, 0, 2, 1, 3), "wide"));
      assertThat(sites(sketch).found())
          .as(dims.toString())
          .singleElement()
          .satisfies(site -> assertThat(site.projection()).isNull());
    }
    GraphBuilder sketch = new GraphBuilder("sketch");
    List.of("q", "k", "v").forEach(sketch::input);
    sketch.op("Attention", "q", "k", "v").with("q_num_heads", 1L << 40).out();
    assertThat(sites(sketch).found()).hasSize(1);
  }

  @Test
  void chainOfAHundredThousandNodes_needsNoStack() {
    node("MatMul", "x0", "q", "k");
    for (int i = 0; i < 100_000; i++) {
      node("Add", "x" + (i + 1), "x" + i, "weight");
    }
    node("Softmax", "p", "x100000");
    node("MatMul", "o", "p", "v");

    AttentionSites sites = find();

    assertThat(sites.found()).hasSize(1);
  }

  private static AttentionSites sites(GraphBuilder sketch) {
    return new AttentionFinder(new Graph(sketch.graph()), List.of(), 17).find().sites();
  }

  private AttentionSites find() {
    return found().sites();
  }

  private AttentionFinder.Found found() {
    return new AttentionFinder(new Graph(graph.graph()), List.of("mask", "mask2"), 17).find();
  }

  private void einsum(String equation, String output, String... inputs) {
    node("Einsum", output, inputs).with("equation", equation);
  }

  private GraphBuilder.Op node(String operator, String output, String... inputs) {
    return graph.op(operator, inputs).named(output);
  }
}
