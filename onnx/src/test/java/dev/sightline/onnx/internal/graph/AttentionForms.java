package dev.sightline.onnx.internal.graph;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnx.proto.OnnxMl.ModelProto;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;

/**
 * Graphs of one attention with a mask that is wrong both ways, and what each must give with a mask
 * at random in its place: the definition of attention, computed here.
 */
final class AttentionForms {
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
  static final Bias ALIBI = (head, query, key) -> -Math.pow(.5, head + 1) * (key + 1);
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
  static final double LOWEST = -Float.MAX_VALUE;

  private AttentionForms() {}

  static void check(Form form, Nodes nodes) throws ModelException {
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
            TensorBytes.of(bytes(allowed))));
    try (RuntimeSession session = RuntimeSession.start(model, changed, Use.CHANGED)) {
      FloatTensor y = requireNonNull(session.run(feed, List.of("y")).get("y"));
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
    float[] q = requireNonNull(feed.get("q")).toFloats().data();
    float[] k = requireNonNull(feed.get("k")).toFloats().data();
    float[] v = requireNonNull(feed.get("v")).toFloats().data();
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
              ElementType.FLOAT32, Shape.of(ROWS, HEADS, KEYS, SIZE), TensorBytes.of(values)));
    }
    long[] mask = {1, 1, 0, 1, 0, 0, 1, 1, 1, 1};
    feed.put(
        "attention_mask",
        RawTensor.of(ElementType.INT64, Shape.of(ROWS, KEYS), TensorBytes.of(mask)));
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
