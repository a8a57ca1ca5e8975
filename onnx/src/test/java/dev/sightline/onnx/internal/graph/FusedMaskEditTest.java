package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.graph.AttentionEdit.Refusal;
import dev.sightline.onnx.internal.graph.AttentionForms.Bias;
import dev.sightline.onnx.internal.graph.AttentionForms.Build;
import dev.sightline.onnx.internal.graph.AttentionForms.Form;
import dev.sightline.onnx.internal.graph.AttentionForms.Nodes;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The masks of attentions that are one node, against the definition of attention. */
class FusedMaskEditTest {
  private static final String MICROSOFT = GraphBuilder.MICROSOFT;

  private static Form form(String name, long opset, Build build, Bias bias) {
    return new Form(name, opset, build, .5, 0, bias, 1e-5);
  }

  static Stream<Form> forms() {
    return Stream.of(
        form(
                "Attention, a bool mask and causal",
                23,
                g -> g.result(standard(g, g.isKey()).with("is_causal", 1)),
                AttentionForms.NONE)
            .withNothing(),
        form(
                "Attention, no mask",
                23,
                g -> g.result(standard(g, "").with("is_causal", 0)),
                AttentionForms.NONE)
            .withNothing(),
        form(
            "Attention, a table and a mask",
            23,
            g -> g.result(standard(g, g.node("Add", g.fromTable(), g.additive(-1e4)))),
            AttentionForms.TABLE),
        form(
                "Attention of four axes",
                23,
                g ->
                    g.output(
                        "y",
                        g.node("Attention", g.q, g.k, g.v, g.isKey()),
                        ElementType.FLOAT32,
                        "B",
                        "3",
                        "S",
                        "4"),
                AttentionForms.NONE)
            .withNothing(),
        form(
            "MultiHeadAttention, padding and causal",
            17,
            g -> g.result(multiHead(g, "", int32(g, g.mask), "").with("unidirectional", 1)),
            AttentionForms.NONE),
        form(
            "MultiHeadAttention, a table",
            17,
            g -> g.result(multiHead(g, "", int32(g, g.mask), g.fromTable())),
            AttentionForms.TABLE),
        form(
            "MultiHeadAttention, a mask in the place of a bias",
            17,
            g -> g.result(multiHead(g, "", "", full(g))),
            AttentionForms.NONE),
        form(
            "Attention with weights, padding and causal",
            17,
            g -> g.result(withWeights(g, int32(g, g.mask), "").with("unidirectional", 1)),
            AttentionForms.NONE),
        form(
            "Attention with weights and a table",
            17,
            g -> g.result(withWeights(g, int32(g, g.mask), g.fromTable())),
            AttentionForms.TABLE));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void put_anyOperator_usesTheMaskAndNoOther(Form form) throws ModelException {
    AttentionForms.check(form, new Nodes(ElementType.FLOAT32), AttentionForms.allowed(11));
  }

  /** It is causal whatever it is told; beyond that it uses the mask, on either side. */
  @ParameterizedTest
  @ValueSource(doubles = {0, 1.5})
  void put_groupQuery_usesTheMaskUnderTheDiagonal(double cap) throws ModelException {
    boolean[] allowed = AttentionForms.allowed(11);
    for (int i = 0; i < allowed.length; i++) {
      int query = i / 5 % 5;
      int key = i % 5;
      allowed[i] = key == query || (key < query && allowed[i]);
    }
    Build lengths =
        g -> {
          String sum = g.node("ReduceSum", g.mask, g.longs(1));
          String rows = int32(g, g.node("Sub", g.reshape(sum, -1), g.longScalar(1)));
          groupQuery(g, rows, cap);
        };
    AttentionForms.check(
        new Form("GroupQueryAttention", 17, lengths, .5, cap, AttentionForms.NONE, 1e-5),
        new Nodes(ElementType.FLOAT32),
        allowed);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.5})
  void put_standardAttentionWithSoftCap_masksAfterIt(double cap) throws ModelException {
    Build build = g -> g.result(standard(g, g.isKey()).with("softcap", cap));
    Form form = new Form("Attention", 23, build, .5, cap, AttentionForms.NONE, 1e-5);
    AttentionForms.check(
        form.withNothing(), new Nodes(ElementType.FLOAT32), AttentionForms.allowed(11));
  }

  @Test
  void put_operatorWithoutSuchAMask_isRefusedByName() throws ModelException {
    GraphBuilder g = new GraphBuilder("packed");
    String x = g.input("x", ElementType.FLOAT32, "N", "12");
    String weights = g.floats("w", ElementType.FLOAT32, new float[12 * 36], 12, 36);
    String bias = g.floats("b", ElementType.FLOAT32, new float[36], 36);
    String offsets = g.input("offsets", ElementType.INT32, "B", "S");
    String starts = g.input("starts", ElementType.INT32, "C");
    String y =
        g.op("PackedAttention", x, weights, bias, offsets, starts)
            .of(MICROSOFT)
            .with("num_heads", 3)
            .named("packed")
            .out();
    g.outputOf(y, ElementType.FLOAT32, "N", "12");
    ParsedModel model =
        ParsedModel.read("packed", new ModelSource.InMemory(g.model(17, "test")), null);

    assertThat(model.edit().put(0, "mask", OptionalDouble.empty()))
        .contains(new Refusal("packed", "a PackedAttention has no operand for such a mask"));
  }

  private static GraphBuilder.Op standard(Nodes g, String mask) {
    return g.op("Attention", g.merged(g.q), g.merged(g.k), g.merged(g.v), mask)
        .with("q_num_heads", 3)
        .with("kv_num_heads", 3);
  }

  private static GraphBuilder.Op multiHead(Nodes g, String bias, String mask, String added) {
    return g.op(
            "MultiHeadAttention", g.merged(g.q), g.merged(g.k), g.merged(g.v), bias, mask, added)
        .of(MICROSOFT)
        .with("num_heads", 3);
  }

  private static GraphBuilder.Op withWeights(Nodes g, String mask, String added) {
    float[] identity = new float[36 * 36];
    for (int i = 0; i < 36; i++) {
      identity[i * 37] = 1;
    }
    String weights = g.floats("identity", ElementType.FLOAT32, identity, 36, 36);
    String bias = g.floats("zeros", ElementType.FLOAT32, new float[36], 36);
    String x = g.concat(2, g.merged(g.q), g.merged(g.k), g.merged(g.v));
    return g.op("Attention", x, weights, bias, mask, "", added).of(MICROSOFT).with("num_heads", 3);
  }

  /** Its heads have eight values at least; the last four are zeros here. */
  private static void groupQuery(Nodes g, String lengths, double cap) {
    String total = int32(g, g.size(g.mask, 1));
    GraphBuilder.Op operator =
        g.op(
                "GroupQueryAttention",
                eight(g, g.q),
                eight(g, g.k),
                eight(g, g.v),
                "",
                "",
                lengths,
                total)
            .of(MICROSOFT)
            .with("num_heads", 3)
            .with("kv_num_heads", 3)
            .with("scale", .5)
            .with("softcap", cap)
            .with("local_window_size", 2)
            .outputs("gqa", "gqa_k", "gqa_v");
    String split = g.slice(g.reshape(operator.out(), 0, 0, 3, 8), 3, 0, 4);
    g.output("y", g.transpose(split, 0, 2, 1, 3), ElementType.FLOAT32, "B", "3", "S", "4");
  }

  private static String eight(Nodes g, String tensor) {
    String zeros = g.node("Mul", tensor, g.scalar(0));
    return g.reshape(g.transpose(g.concat(3, tensor, zeros), 0, 2, 1, 3), 0, 0, 24);
  }

  private static String int32(Nodes g, String tensor) {
    return g.cast(tensor, ElementType.INT32);
  }

  private static String full(Nodes g) {
    return g.node("Expand", g.additive(-1e4), g.longs(1, 3, 5, 1));
  }
}
