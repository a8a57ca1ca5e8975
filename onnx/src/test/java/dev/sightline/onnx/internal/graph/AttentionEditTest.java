package dev.sightline.onnx.internal.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
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
  private static final int ROWS = 2;
  private static final int HEADS = 3;
  private static final int QUERIES = 5;
  private static final int KEYS = 5;
  private static final int SIZE = 4;
  private static final String NEW_MASK = "new_mask";

  /** What the definition adds to the scores beside the mask. */
  interface Bias {
    double of(int head, int query, int key);
  }

  static final Bias NONE = (head, query, key) -> 0;
  private static final Bias ALIBI = (head, query, key) -> -Math.pow(.5, head + 1) * (key + 1);
  static final Bias TABLE = (head, query, key) -> table(head)[Math.floorMod(key - query, 4)];

  /**
   * A form.
   *
   * @param build adds nodes from queries, keys, values and mask to the output
   * @param scale of the scores
   * @param cap the soft cap of the scores; 0 for none
   * @param limit what rounding may make of an output
   * @param hasNothing whether a query without any allowed key has zeros, not the mean of all values
   */
  record Form(
      String name,
      long opset,
      Build build,
      double scale,
      double cap,
      Bias bias,
      double limit,
      boolean hasNothing) {
    Form(String name, long opset, Build build, double scale, double cap, Bias bias, double limit) {
      this(name, opset, build, scale, cap, bias, limit, false);
    }

    Form withNothing() {
      return new Form(name, opset, build, scale, cap, bias, limit, true);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  interface Build {
    void add(Nodes nodes);
  }

  /** The nodes of a form. */
  static final class Nodes extends GraphBuilder {
    final ElementType type;
    final String q = input("q", ElementType.FLOAT32, "B", "3", "S", "4");
    final String k = input("k", ElementType.FLOAT32, "B", "3", "S", "4");
    final String v = input("v", ElementType.FLOAT32, "B", "3", "S", "4");
    final String mask = input("attention_mask", ElementType.INT64, "B", "S");

    Nodes(ElementType type) {
      super("form");
      this.type = type;
    }

    String typed(String tensor) {
      return type == ElementType.FLOAT32 ? tensor : cast(tensor, type);
    }

    String number(double value) {
      return typed(scalar(value));
    }

    String product() {
      return node("MatMul", typed(q), transpose(typed(k), 0, 1, 3, 2));
    }

    String scaled() {
      return node("Mul", product(), number(.5));
    }

    /** {@code [B, 1, 1, Lk]}. */
    String keys() {
      return reshape(cast(mask, ElementType.FLOAT32), 0, 1, 1, -1);
    }

    String isKey() {
      return reshape(cast(mask, ElementType.BOOL), 0, 1, 1, -1);
    }

    /** 1 to the left of the diagonal, in the wrong direction. */
    String anticausal() {
      String to = range(size(mask, 1));
      return node("Not", node("Less", reshape(to, 1, 1, 1, -1), reshape(to, 1, 1, -1, 1)));
    }

    String additive(double fill) {
      return typed(node("Mul", node("Sub", scalar(1), keys()), scalar(fill)));
    }

    String causalAdditive(double fill) {
      return typed(node("Where", anticausal(), scalar(0), scalar(fill)));
    }

    /** {@code slope * (j + 1) [1, H, 1, Lk]}. */
    String alibi() {
      String slopes =
          floats("slopes", ElementType.FLOAT32, new float[] {.5f, .25f, .125f}, 1, 3, 1, 1);
      String at = cast(range(size(mask, 1)), ElementType.FLOAT32);
      String from1 = node("Add", reshape(at, 1, 1, 1, -1), scalar(1));
      return typed(node("Mul", node("Neg", slopes), from1));
    }

    /** A table by {@code (j - i) mod 4}, {@code [1, H, Lq, Lk]}. */
    String fromTable() {
      float[] values = new float[4 * 3];
      for (int bucket = 0; bucket < 4; bucket++) {
        for (int head = 0; head < 3; head++) {
          values[bucket * 3 + head] = (float) table(head)[bucket];
        }
      }
      String table = floats("table", ElementType.FLOAT32, values, 4, 3);
      String to = range(size(mask, 1));
      String distance = node("Sub", reshape(to, 1, -1), reshape(to, -1, 1));
      String bucket = op("Mod", distance, longScalar(4)).out();
      return typed(reshape(transpose(node("Gather", table, bucket), 2, 0, 1), 1, 3, 5, 5));
    }

    void attend(String scores) {
      values(softmax(scores));
    }

    /** Heads side by side in the last axis. */
    String merged(String tensor) {
      return reshape(transpose(typed(tensor), 0, 2, 1, 3), 0, 0, 12);
    }

    /** What an operator of heads side by side gives. */
    void result(Op operator) {
      String split = reshape(cast(operator.out(), ElementType.FLOAT32), 0, 0, 3, 4);
      output("y", transpose(split, 0, 2, 1, 3), ElementType.FLOAT32, "B", "3", "S", "4");
    }

    void values(String weights) {
      String context = node("MatMul", weights, typed(v));
      output("y", cast(context, ElementType.FLOAT32), ElementType.FLOAT32, "B", "3", "S", "4");
    }
  }

  static double[] table(int head) {
    return new double[] {.1 + head, -.3 * head, 1.5, -1 - head * .25};
  }

  static final double FILL = -10_000;
  private static final double LOWEST = -Float.MAX_VALUE;

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

  private static void check(Form form, Nodes nodes) throws ModelException {
    check(form, nodes, allowed(11));
  }

  static void check(Form form, Nodes nodes, boolean[] allowed) throws ModelException {
    form.build.add(nodes);
    ParsedModel model = parsed(nodes.model(form.opset, "test"));
    assertThat(model.attention().found()).hasSize(1);
    AttentionEdit edit = model.edit();
    GraphBuilder added = edit.builder("input");
    added.input(NEW_MASK, ElementType.BOOL, "B", "H", "S", "S");
    edit.add(added.graph());
    assertThat(edit.put(0, NEW_MASK, OptionalDouble.empty())).isEmpty();
    ModelProto changed = edit.model();

    Map<String, RawTensor> feed = feed(7);
    feed.put(
        NEW_MASK,
        RawTensor.of(
            ElementType.BOOL,
            Shape.of(ROWS, HEADS, QUERIES, KEYS),
            MemorySegment.ofArray(bytes(allowed))));
    try (RuntimeSession session = RuntimeSession.start(model, changed, Use.CHANGED)) {
      FloatTensor y = session.run(feed, List.of("y")).get("y");
      double[] expected = expected(form, feed, allowed);
      for (int i = 0; i < expected.length; i++) {
        assertThat((double) y.data()[i])
            .as("element %d", i)
            .isCloseTo(expected[i], within(form.limit));
      }
    }
  }

  /** The definition. */
  private static double[] expected(Form form, Map<String, RawTensor> feed, boolean[] allowed) {
    float[] q = feed.get("q").toFloats().data();
    float[] k = feed.get("k").toFloats().data();
    float[] v = feed.get("v").toFloats().data();
    double[] out = new double[ROWS * HEADS * QUERIES * SIZE];
    for (int row = 0; row < ROWS * HEADS; row++) {
      for (int query = 0; query < QUERIES; query++) {
        double[] weights = new double[KEYS];
        double sum = 0;
        boolean any = false;
        for (int key = 0; key < KEYS; key++) {
          any |= allowed[(row * QUERIES + query) * KEYS + key];
        }
        for (int key = 0; key < KEYS; key++) {
          double score = 0;
          for (int d = 0; d < SIZE; d++) {
            score += q[(row * QUERIES + query) * SIZE + d] * k[(row * KEYS + key) * SIZE + d];
          }
          score *= form.scale;
          score = form.cap > 0 ? form.cap * Math.tanh(score / form.cap) : score;
          score += form.bias.of(row % HEADS, query, key);
          boolean may = allowed[(row * QUERIES + query) * KEYS + key];
          weights[key] = may ? Math.exp(score) : any || form.hasNothing ? 0 : 1;
          sum += weights[key];
        }
        for (int key = 0; key < KEYS; key++) {
          for (int d = 0; d < SIZE; d++) {
            out[(row * QUERIES + query) * SIZE + d] +=
                weights[key] / (any ? sum : KEYS) * v[(row * KEYS + key) * SIZE + d];
          }
        }
      }
    }
    return out;
  }

  private static Map<String, RawTensor> feed(long seed) {
    Random random = new Random(seed);
    Map<String, RawTensor> feed = new LinkedHashMap<>();
    for (String name : List.of("q", "k", "v")) {
      float[] values = new float[ROWS * HEADS * KEYS * SIZE];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      feed.put(
          name,
          RawTensor.of(
              ElementType.FLOAT32,
              Shape.of(ROWS, HEADS, KEYS, SIZE),
              MemorySegment.ofArray(values)));
    }
    long[] mask = {1, 1, 0, 1, 0, 0, 1, 1, 1, 1};
    feed.put(
        "attention_mask",
        RawTensor.of(ElementType.INT64, Shape.of(ROWS, KEYS), MemorySegment.ofArray(mask)));
    return feed;
  }

  /** At random by row, head, query and key. */
  static boolean[] allowed(long seed) {
    Random random = new Random(seed);
    boolean[] allowed = new boolean[ROWS * HEADS * QUERIES * KEYS];
    for (int i = 0; i < allowed.length; i++) {
      allowed[i] = random.nextBoolean();
    }
    for (int row = 0; row < allowed.length / KEYS; row++) {
      allowed[row * KEYS + row % KEYS] = true;
    }
    // A query of its own that may see nothing.
    Arrays.fill(allowed, 7 * KEYS, 8 * KEYS, false);
    return allowed;
  }

  private static byte[] bytes(boolean[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (values[i] ? 1 : 0);
    }
    return bytes;
  }

  private static ParsedModel parsed(byte[] bytes) throws ModelException {
    return ParsedModel.read("form", new ModelSource.InMemory(bytes), null);
  }
}
