package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads from a graph, without running it, how wide weights are and how many heads share them. */
final class HeadCounts {
  private static final Set<String> VALUES =
      Set.of(
          "Transpose",
          "Reshape",
          "Cast",
          "Identity",
          "Squeeze",
          "Unsqueeze",
          "Expand",
          "Tile",
          "Concat",
          "Slice",
          "Split",
          "Gather",
          "Mul",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear");

  private final Graph graph;

  HeadCounts(Graph graph) {
    this.graph = graph;
  }

  /** The shape of a constant, or of one that is made from it; empty where it is not known. */
  List<Long> shapeOf(String weight) {
    String tensor = weight;
    List<List<Long>> turns = new ArrayList<>();
    for (int steps = 0; steps < 8; steps++) {
      TensorProto constant = graph.constant(tensor);
      if (constant != null) {
        List<Long> dims = constant.getDimsList();
        if (dims.stream().anyMatch(dim -> dim < 0 || dim > Integer.MAX_VALUE)) {
          return List.of(); // of no tensor that there can be
        }
        for (List<Long> turn : turns.reversed()) {
          if (turn.size() != dims.size()) {
            return List.of();
          }
          List<Long> from = dims;
          if (turn.stream().anyMatch(axis -> axis < 0 || axis >= from.size())) {
            return List.of();
          }
          dims = turn.stream().map(axis -> from.get(axis.intValue())).toList();
        }
        return dims;
      }
      NodeProto node = graph.producer(tensor);
      if (node == null) {
        return List.of();
      }
      switch (node.getOpType()) {
        case "Transpose" -> turns.add(Graph.integers(node, "perm"));
        case "Cast", "Identity", "DequantizeLinear" -> {}
        default -> {
          return List.of();
        }
      }
      tensor = Graph.input(node, 0);
    }
    return List.of();
  }

  /** How many heads a context has, if it is {@code width} values wide; 0 if unknown. */
  int of(Place context, int width) {
    if (context.heads() > 0) {
      return width % context.heads() == 0 ? context.heads() : 0;
    }
    NodeProto product = graph.producer(context.tensor());
    while (product != null
        && !graph.isProductOfActivations(product)
        && !FusedAttention.isOne(product)) {
      product = graph.producer(Graph.input(product, 0)); // from a scale to what it scales
    }
    if (product == null) {
      return 0;
    }
    if (FusedAttention.isOne(product)) {
      return split(Graph.input(product, 2), width);
    }
    int found = split(Graph.input(product, Graph.rightOperand(product)), width);
    return found > 0 ? found : split(Graph.input(product, 0), width);
  }

  /** Upwards from values to where they were split into heads. */
  private int split(String values, int width) {
    Deque<String> todo = new ArrayDeque<>(List.of(values));
    Set<String> seen = new HashSet<>(todo);
    while (!todo.isEmpty()) {
      NodeProto node = graph.producer(todo.removeFirst());
      if (node == null || !VALUES.contains(node.getOpType())) {
        continue;
      }
      if (node.getOpType().equals("Reshape")) {
        int count = heads(Graph.input(node, 1), width);
        if (count > 0) {
          return count;
        }
      }
      for (int i = 0; i < node.getInputCount(); i++) {
        if (!Graph.isShapeEdge(node, i) && seen.add(node.getInput(i))) {
          todo.addLast(node.getInput(i));
        }
      }
    }
    return 0;
  }

  /** From {@code [.., .., Dh]} or {@code [.., .., H, -1]}. */
  private int heads(String shape, int width) {
    List<Long> dims = entries(shape);
    if (dims.size() < 3 || width < 1) {
      return 0;
    }
    long last = dims.getLast();
    if (last > 0 && last <= width && width % last == 0) {
      return (int) (width / last);
    }
    long beforeLast = dims.get(dims.size() - 2);
    return dims.size() == 4 && last == -1 && beforeLast > 0 && width % beforeLast == 0
        ? (int) beforeLast
        : 0;
  }

  /** The entries of a shape; 0 where one is computed. */
  private List<Long> entries(String shape) {
    List<Long> whole = graph.wholeNumbers(shape);
    NodeProto concat = graph.producer(shape);
    if (!whole.isEmpty() || concat == null || !concat.getOpType().equals("Concat")) {
      return whole;
    }
    List<Long> entries = new ArrayList<>();
    for (String part : concat.getInputList()) {
      List<Long> constant = constant(part);
      entries.addAll(constant.isEmpty() ? List.of(0L) : constant);
    }
    return entries;
  }

  private List<Long> constant(String part) {
    List<Long> own = graph.wholeNumbers(part);
    @Nullable NodeProto node = graph.producer(part);
    boolean reshaped =
        node != null && Set.of("Unsqueeze", "Reshape", "Cast").contains(node.getOpType());
    return own.isEmpty() && node != null && reshaped
        ? graph.wholeNumbers(Graph.input(node, 0))
        : own;
  }
}
