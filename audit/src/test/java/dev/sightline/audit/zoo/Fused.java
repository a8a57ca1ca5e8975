package dev.sightline.audit.zoo;

import static dev.sightline.onnx.internal.graph.GraphBuilder.MICROSOFT;
import static dev.sightline.tensor.ElementType.INT32;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import org.jspecify.annotations.Nullable;

/** Attention as one operator; each answers {@code [B, L, D]} before the output projection. */
final class Fused {
  private Fused() {}

  /** Whether an architecture's attention is one of these, and so takes a mask and no bias. */
  static boolean takes(Architecture architecture) {
    return switch (architecture) {
      case ATTENTION_OP, MULTI_HEAD, MS_ATTENTION, GROUP_QUERY -> true;
      default -> false;
    };
  }

  /**
   * ONNX Attention.
   *
   * @param keep 1 for a key to keep {@code [B, L]}, or null
   */
  static String onnx(ZooGraph g, String name, String x, @Nullable String keep) {
    String query = Products.heads(g, Products.project(g, name + ".query", x, Products.WIDTH), 4);
    String key = Products.heads(g, Products.project(g, name + ".key", x, Products.WIDTH), 4);
    String value = Products.heads(g, Products.project(g, name + ".value", x, Products.WIDTH), 4);
    String mask = "";
    if (keep != null) {
      String keys = g.reshape(g.cast(keep, ElementType.BOOL), 0, 1, 1, -1);
      String length = g.node("Unsqueeze", g.size(x, 1), g.longs(0));
      mask = g.node("Expand", keys, g.concat(0, g.longs(1, 1), length, g.longs(1)));
    }
    return Products.merge(g, g.node("Attention", query, key, value, mask));
  }

  /**
   * com.microsoft MultiHeadAttention.
   *
   * @param keep 1 for a key to keep {@code [B, L]}, or null
   */
  static String multiHead(ZooGraph g, String name, String x, @Nullable String keep) {
    String padding = keep == null ? "" : g.cast(keep, INT32);
    String query = Products.project(g, name + ".query", x, Products.WIDTH);
    String key = Products.project(g, name + ".key", x, Products.WIDTH);
    String value = Products.project(g, name + ".value", x, Products.WIDTH);
    return g.op("MultiHeadAttention", query, key, value, "", padding)
        .of(MICROSOFT)
        .with("num_heads", Products.HEADS)
        .out();
  }

  /**
   * com.microsoft Attention, which projects by itself.
   *
   * @param index a mask {@code [B, L]} or lengths {@code [B]}, or null
   */
  static String microsoft(ZooGraph g, String name, String x, @Nullable String index) {
    String weights = g.weight(name + ".projections", Products.WIDTH, 3 * Products.WIDTH);
    String bias = g.weight(name + ".bias", 3 * Products.WIDTH);
    return g.op("Attention", x, weights, bias, index == null ? "" : g.cast(index, INT32))
        .of(MICROSOFT)
        .with("num_heads", Products.HEADS)
        .out();
  }

  /**
   * com.microsoft GroupQueryAttention without a past, causal by itself. It wants heads of size 8,
   * so its result is twice as wide, {@code [B, L, 2 * D]}.
   *
   * @param keep 1 for a key to keep {@code [B, L]}; only its sums count
   */
  static String groupQuery(ZooGraph g, String name, String x, String keep) {
    String query = Products.project(g, name + ".query", x, 2 * Products.WIDTH);
    String key = Products.project(g, name + ".key", x, Products.WIDTH);
    String value = Products.project(g, name + ".value", x, Products.WIDTH);
    String lengths = g.op("ReduceSum", keep, g.longs(1)).with("keepdims", 0).out();
    String lastKeys = g.cast(g.node("Sub", lengths, g.longScalar(1)), INT32);
    String total = g.cast(g.size(keep, 1), INT32);
    GraphBuilder.Op attention =
        g.op("GroupQueryAttention", query, key, value, "", "", lastKeys, total)
            .of(MICROSOFT)
            .with("num_heads", Products.HEADS)
            .with("kv_num_heads", 2);
    // The runtime wants its keys and values asked for.
    attention.more();
    attention.more();
    return attention.out();
  }
}
