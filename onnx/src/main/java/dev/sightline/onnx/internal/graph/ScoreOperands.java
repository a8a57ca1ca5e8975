package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The queries and keys as a score product gets them, {@code [B, ..., L, D]} each.
 *
 * @param queries null if they cannot be laid out
 * @param keys null if they cannot be laid out
 */
record ScoreOperands(@Nullable Place queries, @Nullable Place keys) {
  private static final ScoreOperands NONE = new ScoreOperands(null, null);
  private static final Set<String> PRODUCTS = Set.of("MatMul", "FusedMatMul");
  private static final Set<String> SAME_AXES = Set.of("Mul", "Div", "Cast", "Identity", "Add");
  private static final int LONGEST_WALK = 8;

  /** Of a product of queries, on the left, with keys whose last two axes are exchanged. */
  static ScoreOperands of(Graph graph, AttentionPathFinder.Up up) {
    NodeProto product = graph.producer(up.product());
    if (product == null
        || !PRODUCTS.contains(product.getOpType())
        || !up.order().isEmpty()
        || !Graph.input(product, 0).equals(up.query())
        || Graph.integer(product, "transA", 0) != 0
        || Graph.integer(product, "transBatchA", 0) != 0
        || Graph.integer(product, "transBatchB", 0) != 0) {
      return NONE;
    }
    Place keys =
        Graph.integer(product, "transB", 0) != 0 ? Place.of(up.key()) : turned(graph, up.key());
    return keys == null ? NONE : new ScoreOperands(Place.of(up.query()), keys);
  }

  private static @Nullable Place turned(Graph graph, String keys) {
    int rank = rank(graph, keys);
    if (rank < 3) {
      return null;
    }
    List<Integer> order = new ArrayList<>();
    for (int axis = 0; axis < rank; axis++) {
      order.add(axis);
    }
    Collections.swap(order, rank - 2, rank - 1);
    return Place.permuted(keys, order);
  }

  /** The number of axes, from the nearest Transpose that made the tensor; 0 if there is none. */
  private static int rank(Graph graph, String tensor) {
    String current = tensor;
    for (int step = 0; step < LONGEST_WALK; step++) {
      NodeProto node = graph.producer(current);
      if (node == null) {
        return 0;
      }
      if (node.getOpType().equals("Transpose")) {
        return Graph.integers(node, "perm").size();
      }
      if (!SAME_AXES.contains(node.getOpType())) {
        return 0;
      }
      String left = Graph.input(node, 0);
      current = node.getInputCount() < 2 || graph.isActivation(left) ? left : Graph.input(node, 1);
    }
    return 0;
  }
}
