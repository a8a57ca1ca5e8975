package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT64;

import dev.sightline.tensor.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * The parts of a small encoder of two layers, from which the kinds of model are put together. Width
 * 16, 4 heads, learned positions unless a kind says otherwise.
 */
final class KindGraph {
  static final int VOCABULARY = 64;
  static final int MAX_TOKENS = 160;
  static final int FEATURES = 6;
  private static final double FILL = -10000;
  private static final int LAYERS = 2;

  final ZooGraph g;

  KindGraph() {
    this(FLOAT32);
  }

  KindGraph(ElementType floatType) {
    g = new ZooGraph(floatType);
  }

  /** Declares token ids {@code [B, S]}. */
  String ids() {
    return g.input("input_ids", INT64, "batch", "sequence");
  }

  /** Declares a mask {@code [B, S]}, 1 at real tokens. */
  String mask() {
    return g.input("attention_mask", INT64, "batch", "sequence");
  }

  /** Declares vectors {@code [B, S, 6]}, and brings them to the model's width. */
  String features() {
    return projected(g.input("features", FLOAT32, "batch", "time", "" + FEATURES), FEATURES);
  }

  String projected(String x, int width) {
    return g.node("MatMul", x, g.weight("input", 0.8, width, Products.WIDTH));
  }

  /** {@code [B, S]} ids to {@code [B, S, 16]} of words alone. */
  String words(String ids) {
    return g.node("Gather", g.weight("words", 0.8, VOCABULARY, Products.WIDTH), ids);
  }

  /** Words with positions counted from the start of the row. */
  String embedded(String ids) {
    return g.node("Add", words(ids), positions(g.range(g.size(ids, 1))));
  }

  String positions(String positions) {
    return g.node("Gather", g.weight("positions", 0.5, MAX_TOKENS, Products.WIDTH), positions);
  }

  /** 1 at the first {@code lengths} positions {@code [B, S]}; S is the length of an axis. */
  String keepFirst(String lengths, String like, long axis) {
    String counts = g.cast(g.reshape(lengths, -1, 1), INT64);
    return g.cast(g.node("Less", g.range(g.size(like, axis)), counts), INT64);
  }

  /** A mask {@code [B, S]} as a bias {@code [B, 1, 1, S]}. */
  String bias(String keep) {
    String hidden = g.node("Sub", g.scalar(1), g.cast(keep, g.floatType()));
    return g.reshape(g.node("Mul", hidden, g.scalar(FILL)), 0, 1, 1, -1);
  }

  /** Hides later tokens {@code [S, S]}. */
  String causal(String like, long axis) {
    String range = g.range(g.size(like, axis));
    String later = g.node("Greater", g.reshape(range, 1, -1), g.reshape(range, -1, 1));
    return g.node("Where", later, g.scalar(FILL), g.scalar(0));
  }

  /**
   * Two layers.
   *
   * @param bias added to the scores; null for none
   * @param broken whether the second layer lacks it
   */
  String layers(String x, @Nullable String bias, boolean broken) {
    String out = x;
    for (int layer = 0; layer < LAYERS; layer++) {
      out = Products.layer(g, "layer" + layer, out, out, broken && layer == 1 ? null : bias);
    }
    return out;
  }

  /** A convolution over time of width 3, {@code [B, S, 16]} to the same. */
  String convolved(String x) {
    String kernel = g.weight("kernel", 0.3, Products.WIDTH, Products.WIDTH, 3);
    String turned = g.transpose(x, 0, 2, 1);
    return g.transpose(g.op("Conv", turned, kernel).withAll("pads", 1, 1).out(), 0, 2, 1);
  }

  /** Zeros at padding. */
  String zeroed(String x, String keep) {
    return g.node("Mul", x, g.cast(g.reshape(keep, 0, 0, 1), g.floatType()));
  }

  /** The mean over real tokens {@code [B, 16]}, or over all. */
  String mean(String x, @Nullable String keep) {
    return keep == null
        ? Pooling.MEAN_ALL_POSITIONS.apply(g, x, "")
        : Pooling.MEAN.apply(g, x, keep);
  }

  /** Three classes {@code [B, 3]} or {@code [B, S, 3]}. */
  String classes(String x) {
    return g.node("MatMul", x, g.weight("classes", Products.WIDTH, 3));
  }

  byte[] hidden(String x) {
    g.output("last_hidden_state", g.cast(x, FLOAT32), FLOAT32, "batch", "sequence", "16");
    return model();
  }

  byte[] logits(String x) {
    g.output("logits", g.cast(x, FLOAT32), FLOAT32, "batch", "3");
    return model();
  }

  byte[] model() {
    return g.model(18);
  }
}
