package dev.sightline.onnx.internal.graph;

import static dev.sightline.onnx.internal.graph.AttentionForms.ALIBI;
import static dev.sightline.onnx.internal.graph.AttentionForms.FILL;
import static dev.sightline.onnx.internal.graph.AttentionForms.LOWEST;
import static dev.sightline.onnx.internal.graph.AttentionForms.NONE;
import static dev.sightline.onnx.internal.graph.AttentionForms.TABLE;
import static dev.sightline.onnx.internal.graph.AttentionForms.check;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sightline.onnx.internal.graph.AttentionForms.Bias;
import dev.sightline.onnx.internal.graph.AttentionForms.Build;
import dev.sightline.onnx.internal.graph.AttentionForms.Form;
import dev.sightline.onnx.internal.graph.AttentionForms.Nodes;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each form of attention with a mask that is wrong both ways gets a mask at random, and must then
 * give what the definition of attention gives, computed here.
 */
class AttentionEditTest {
  private static Form form(String name, long opset, Build build, Bias bias) {
    return new Form(name, opset, build, .5, 0, bias, 1e-5);
  }

  static Stream<Form> forms() {
    List<Form> forms = new ArrayList<>();
    for (long opset : new long[] {11, 12, 13, 15, 17, 18, 20, 21, 23}) {
      forms.add(
          form(
              "additive, opset " + opset,
              opset,
              g -> g.attend(g.node("Add", g.scaled(), g.additive(FILL))),
              NONE));
    }
    forms.add(form("no mask", 17, g -> g.attend(g.scaled()), NONE));
    forms.add(
        form("weak fill", 17, g -> g.attend(g.node("Add", g.scaled(), g.additive(-10))), NONE));
    forms.add(
        form(
            "two additive masks, the lowest fill",
            17,
            g -> {
              String both = g.node("Add", g.additive(LOWEST), g.causalAdditive(LOWEST));
              g.attend(g.node("Add", g.scaled(), g.node("Max", both, g.scalar(LOWEST))));
            },
            NONE));
    forms.add(
        form(
            "where, then the scale",
            17,
            g -> {
              String fill = g.scalar(Double.NEGATIVE_INFINITY);
              String masked = g.node("Where", g.anticausal(), g.product(), fill);
              String hidden = g.node("Where", g.node("Not", g.isKey()), fill, masked);
              g.attend(g.node("Div", hidden, g.node("Sqrt", g.scalar(4))));
            },
            NONE));
    forms.add(
        form(
            "GPT-2's product and difference",
            13,
            g -> {
              String b = g.cast(g.anticausal(), ElementType.FLOAT32);
              String kept = g.node("Mul", g.scaled(), b);
              String fill = g.node("Mul", g.scalar(10_000), g.node("Sub", g.scalar(1), b));
              String causal = g.node("Sub", kept, fill);
              g.attend(g.node("Max", g.node("Add", causal, g.additive(FILL)), g.scalar(LOWEST)));
            },
            NONE));
    forms.add(
        new Form(
            "soft cap",
            17,
            g -> {
              String capped = g.node("Tanh", g.node("Div", g.scaled(), g.scalar(1.5)));
              String scores = g.node("Mul", capped, g.scalar(1.5));
              g.attend(g.node("Add", scores, g.causalAdditive(LOWEST)));
            },
            .5,
            1.5,
            NONE,
            1e-5));
    forms.add(
        form(
            "ALiBi and a mask, one after the other",
            17,
            g -> {
              String biased = g.node("Add", g.scaled(), g.alibi());
              g.attend(g.node("Add", biased, g.additive(FILL)));
            },
            ALIBI));
    forms.add(
        form(
            "ALiBi with the fill in its place",
            17,
            g -> {
              String bias = g.node("Where", g.anticausal(), g.alibi(), g.scalar(LOWEST));
              g.attend(g.node("Add", g.scaled(), bias));
            },
            ALIBI));
    forms.add(
        form(
            "T5's table and a mask, added before",
            17,
            g -> {
              String both = g.node("Add", g.fromTable(), g.additive(LOWEST));
              g.attend(g.node("Add", g.scaled(), both));
            },
            TABLE));
    forms.add(
        form(
            "T5's table and a mask, expanded and merged",
            17,
            g -> {
              String both = g.node("Add", g.fromTable(), g.additive(FILL));
              String merged = g.reshape(both, -1, 5, 5);
              String scores = g.reshape(g.scaled(), -1, 5, 5);
              String weights = g.softmax(g.node("Add", scores, merged));
              String values = g.reshape(g.v, -1, 5, 4);
              String context = g.node("MatMul", weights, values);
              g.output(
                  "y", g.reshape(context, -1, 3, 5, 4), ElementType.FLOAT32, "B", "3", "S", "4");
            },
            TABLE));
    forms.add(
        form(
            "a bias that has the mask folded in",
            17,
            g -> {
              float[] folded = new float[3 * 25];
              for (int i = 0; i < folded.length; i++) {
                int head = i / 25;
                int query = i / 5 % 5;
                int key = i % 5;
                // The forbidden cells have lost their bias; the test's bias is 0 there too.
                folded[i] = key < query ? -65504 : (float) TABLE.of(head, query, key);
              }
              String bias = g.floats("folded", ElementType.FLOAT32, folded, 1, 3, 5, 5);
              g.attend(g.node("Add", g.node("Add", g.scaled(), bias), g.additive(FILL)));
            },
            (head, query, key) -> key < query ? 0 : TABLE.of(head, query, key)));
    forms.add(
        form(
                "a mask after the Softmax as well",
                17,
                g -> {
                  String weights = g.softmax(g.node("Add", g.scaled(), g.additive(LOWEST)));
                  g.values(g.node("Where", g.isKey(), weights, g.scalar(0)));
                },
                NONE)
            .withNothing());
    forms.add(
        form(
                "weights times the mask, rows of NaN guarded",
                17,
                g -> {
                  String scores =
                      g.node("Where", g.isKey(), g.scaled(), g.scalar(Double.NEGATIVE_INFINITY));
                  String weights = g.softmax(scores);
                  String guarded = g.node("Where", g.node("IsNaN", weights), g.scalar(0), weights);
                  g.values(g.node("Mul", guarded, g.keys()));
                },
                NONE)
            .withNothing());
    forms.add(
        form(
            "a Softmax in parts",
            17,
            g -> {
              String scores = g.node("Add", g.scaled(), g.additive(FILL));
              String most = g.op("ReduceMax", scores).withAll("axes", -1).out();
              String exp = g.node("Exp", g.node("Sub", scores, most));
              g.values(g.node("Div", exp, g.node("ReduceSum", exp, g.longs(-1))));
            },
            NONE));
    forms.add(
        form(
                "sinks",
                17,
                g -> {
                  String scores = g.node("Add", g.scaled(), g.causalAdditive(FILL));
                  String sink = g.node("Expand", g.scalar(-1e30), sinkShape(g));
                  String weights = g.softmax(g.concat(-1, scores, sink));
                  g.values(g.slice(weights, -1, 0, 5));
                },
                NONE)
            .withNothing());
    forms.add(
        form(
            "five axes for groups of heads",
            17,
            g -> {
              String scores = g.reshape(g.scaled(), 0, 1, 3, 5, 5);
              String fill = g.reshape(g.additive(FILL), 0, 1, 1, 1, -1);
              String weights = g.softmax(g.node("Add", scores, fill));
              g.values(g.reshape(weights, 0, 3, 5, 5));
            },
            NONE));
    forms.add(
        form(
            "an Einsum with keys before heads",
            17,
            g -> {
              String q = g.transpose(g.q, 0, 2, 1, 3);
              String k = g.transpose(g.k, 0, 2, 1, 3);
              String v = g.transpose(g.v, 0, 2, 1, 3);
              String scores = g.op("Einsum", q, k).with("equation", "bqhd,bkhd->bhqk").out();
              String scaled = g.node("Mul", scores, g.scalar(.5));
              String weights = g.softmax(g.node("Add", scaled, g.additive(FILL)));
              String context = g.op("Einsum", weights, v).with("equation", "bhqk,bkhd->bqhd").out();
              g.output(
                  "y", g.transpose(context, 0, 2, 1, 3), ElementType.FLOAT32, "B", "3", "S", "4");
            },
            NONE));
    forms.add(
        form(
            "queries split from one Transpose",
            17,
            g -> {
              String q = g.transpose(g.transpose(g.q, 0, 2, 1, 3), 0, 2, 1, 3);
              String scores = g.node("MatMul", q, g.transpose(g.k, 0, 1, 3, 2));
              String scaled = g.node("Mul", scores, g.scalar(.5));
              g.attend(g.node("Add", scaled, g.additive(FILL)));
            },
            NONE));
    return forms.stream();
  }

  private static String sinkShape(Nodes g) {
    String batch = g.node("Gather", g.node("Shape", g.mask), g.longs(0));
    return g.concat(0, batch, g.longs(3, 5, 1));
  }

  @ParameterizedTest
  @CsvSource({"FLOAT16, 4e-3", "FLOAT64, 1e-6"})
  void put_otherTypes_hasTheFillOfTheScoresOwnType(ElementType type, double limit)
      throws ModelException {
    Build plain = g -> g.attend(g.node("Add", g.scaled(), g.additive(FILL)));
    check(new Form("plain", 17, plain, .5, 0, NONE, limit), new Nodes(type));
    Build cast =
        g -> {
          String scores = g.node("Add", g.scaled(), g.additive(FILL));
          String weights = g.softmax(g.cast(scores, ElementType.FLOAT32));
          g.values(g.cast(weights, type));
        };
    check(new Form("cast", 17, cast, .5, 0, NONE, limit), new Nodes(type));
  }

  @Test
  void put_quantisedAtRunTime_isRight() throws ModelException {
    Build build =
        g -> {
          List<String> parts = new ArrayList<>();
          for (String x : List.of(g.q, g.transpose(g.k, 0, 1, 3, 2))) {
            GraphBuilder.Op quantised = g.op("DynamicQuantizeLinear", x);
            parts.addAll(List.of(quantised.out(), quantised.more(), quantised.more()));
          }
          String product =
              g.node("MatMulInteger", parts.get(0), parts.get(3), parts.get(2), parts.get(5));
          String scale = g.node("Mul", g.node("Mul", parts.get(1), parts.get(4)), g.scalar(.5));
          String scores = g.node("Mul", g.cast(product, ElementType.FLOAT32), scale);
          g.attend(g.node("Add", scores, g.additive(FILL)));
        };
    check(new Form("dynamic", 17, build, .5, 0, NONE, .1), new Nodes(ElementType.FLOAT32));
  }

  @Test
  void put_quantisedScores_isNotRoundedToThem() throws ModelException {
    Build build =
        g -> {
          String scores =
              g.node("Add", quantised(g, g.scaled(), .05), quantised(g, g.alibi(), .02));
          g.attend(quantised(g, g.node("Add", scores, quantised(g, g.additive(-80), 1)), .7));
        };
    check(new Form("QDQ", 17, build, .5, 0, ALIBI, .5), new Nodes(ElementType.FLOAT32));
  }

  private static String quantised(Nodes g, String tensor, double scale) {
    String zero = g.cast(g.scalar(0), ElementType.INT8);
    String q = g.node("QuantizeLinear", tensor, g.scalar(scale), zero);
    return g.node("DequantizeLinear", q, g.scalar(scale), zero);
  }

  /** ORT has no products in bfloat16 on the CPU. */
  @Test
  void number_bfloat16_isTheLowestFiniteOne() {
    GraphBuilder graph = new GraphBuilder("g");
    MaskRemoval.number(graph, DataType.BFLOAT16_VALUE, MaskRemoval.lowest(DataType.BFLOAT16_VALUE));
    assertThat(graph.graph().getInitializer(0).getRawData().toByteArray())
        .containsExactly(0x7F, 0xFF);
  }

  @ParameterizedTest
  @MethodSource("forms")
  void put_anyForm_usesTheMaskAndNoOther(Form form) throws ModelException {
    check(form, new Nodes(ElementType.FLOAT32));
  }
}
