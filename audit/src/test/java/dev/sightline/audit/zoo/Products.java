package dev.sightline.audit.zoo;

import org.jspecify.annotations.Nullable;

/** Attention written out as products and a Softmax. Queries and keys are {@code [B, H, L, E]}. */
final class Products {
  static final int HEADS = 4;
  static final int WIDTH = 16;
  static final int HEAD = WIDTH / HEADS;

  private Products() {}

  /** One layer of plain attention: {@code x} looks at {@code context}, {@code [B, L, D]} both. */
  static String layer(ZooGraph g, String name, String x, String context, @Nullable String bias) {
    String query = heads(g, project(g, name + ".query", x, WIDTH), HEADS);
    String key = heads(g, project(g, name + ".key", context, WIDTH), HEADS);
    String value = heads(g, project(g, name + ".value", context, WIDTH), HEADS);
    String mixed = merge(g, attend(g, query, key, value, bias));
    return g.node("Tanh", g.node("Add", x, project(g, name + ".out", mixed, WIDTH)));
  }

  static String project(ZooGraph g, String name, String x, int width) {
    return g.node("MatMul", x, g.weight(name, WIDTH, width));
  }

  /** {@code [B, L, D]} to {@code [B, H, L, E]}. */
  static String heads(ZooGraph g, String x, int heads) {
    return g.transpose(g.reshape(x, 0, 0, heads, HEAD), 0, 2, 1, 3);
  }

  /** {@code [B, H, L, E]} to {@code [B, L, D]}. */
  static String merge(ZooGraph g, String x) {
    return g.reshape(g.transpose(x, 0, 2, 1, 3), 0, 0, WIDTH);
  }

  /** {@code [B, H, Lq, E]}. */
  static String attend(ZooGraph g, String query, String key, String value, @Nullable String bias) {
    String scores = scores(g, query, g.transpose(key, 0, 1, 3, 2), bias);
    return g.node("MatMul", g.softmax(scores), value);
  }

  /** Each head's sink is a score beside those of the keys, and is dropped after the Softmax. */
  static String attendWithSinks(
      ZooGraph g, String sinks, String query, String key, String value, @Nullable String bias) {
    String scores = scores(g, query, g.transpose(key, 0, 1, 3, 2), bias);
    String column = g.slice(scores, 3, 0, 1);
    String sink = g.node("Expand", g.weight(sinks, 1, HEADS, 1, 1), g.node("Shape", column));
    String probabilities = g.softmax(g.concat(3, scores, sink));
    return g.node("MatMul", g.slice(probabilities, 3, 0, -1), value);
  }

  /**
   * Heads folded into the batch: every product is {@code [B * H, Lq, Lk]}.
   *
   * @param bias {@code [B, 1, 1, Lk]}
   * @param mixed whether the bias is repeated in the order of heads, then texts
   */
  static String attendFolded(
      ZooGraph g, String query, String key, String value, @Nullable String bias, boolean mixed) {
    String keys = g.transpose(fold(g, key), 0, 2, 1);
    String each = null;
    if (bias != null) {
      each =
          mixed
              ? g.node("Tile", g.node("Squeeze", bias, g.longs(1)), g.longs(HEADS, 1, 1))
              : fold(g, g.node("Expand", bias, g.longs(1, HEADS, 1, 1)));
    }
    String probabilities = g.softmax(scores(g, fold(g, query), keys, each));
    String context = g.node("MatMul", probabilities, fold(g, value));
    return g.node("Reshape", context, g.node("Shape", query));
  }

  private static String fold(ZooGraph g, String x) {
    String ends = g.node("Shape", x);
    String last = g.slice(ends, 0, 2, 4);
    return g.node("Reshape", x, g.concat(0, g.longs(-1), last));
  }

  private static String scores(ZooGraph g, String query, String keys, @Nullable String bias) {
    String scores = g.node("Div", g.node("MatMul", query, keys), g.scalar(Math.sqrt(HEAD)));
    return bias == null ? scores : g.node("Add", scores, bias);
  }
}
