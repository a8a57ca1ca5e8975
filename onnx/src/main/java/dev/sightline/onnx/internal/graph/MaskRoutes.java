package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.inventory.AttentionSite.MaskRoute;
import dev.sightline.onnx.inventory.MaskPath;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Walks from what joins an attention's scores back to the model's mask inputs. The walk ends where
 * content begins: at every attention (before it is an earlier layer), at products with weights, and
 * at look-ups in tables of the file.
 */
final class MaskRoutes {
  /**
   * A tensor that joins the scores or the probabilities of an attention.
   *
   * @param operator the operator by which it joins
   */
  record Operand(String operator, String tensor) {}

  private final Graph graph;
  private final List<String> maskInputs;

  MaskRoutes(Graph graph, List<String> maskInputs) {
    this.graph = graph;
    this.maskInputs = List.copyOf(maskInputs);
  }

  /** How each mask input reaches an attention by its operands. */
  List<MaskPath> paths(List<Operand> operands) {
    List<Reached> reached = operands.stream().map(o -> reached(o.tensor)).toList();
    List<MaskPath> paths = new ArrayList<>();
    for (String mask : maskInputs) {
      MaskRoute route = MaskRoute.NONE;
      List<String> entries = new ArrayList<>();
      for (int o = 0; o < operands.size(); o++) {
        if (reached.get(o).byValue.contains(mask)) {
          route = MaskRoute.VALUE;
          entries.add(operands.get(o).operator + " " + operands.get(o).tensor);
        } else if (reached.get(o).byShape.contains(mask) && route == MaskRoute.NONE) {
          route = MaskRoute.SHAPE_ONLY;
        }
      }
      paths.add(new MaskPath(mask, route, entries.stream().distinct().toList()));
    }
    return paths;
  }

  private record Reached(Set<String> byValue, Set<String> byShape) {}

  private Reached reached(String operand) {
    Set<String> byValue = new HashSet<>(Set.of(operand));
    Set<String> byShape = new HashSet<>();
    Deque<String> todo = new ArrayDeque<>(byValue);
    Deque<String> shapesTodo = new ArrayDeque<>();
    while (!todo.isEmpty()) {
      NodeProto node = graph.producer(todo.removeFirst());
      if (node == null || isContent(node)) {
        continue;
      }
      graph.valueOperands(node).stream().filter(byValue::add).forEach(todo::addLast);
      for (int i = 0; i < node.getInputCount(); i++) {
        if (Graph.isShapeEdge(node, i) && byShape.add(node.getInput(i))) {
          shapesTodo.addLast(node.getInput(i));
        }
      }
    }
    while (!shapesTodo.isEmpty()) {
      NodeProto node = graph.producer(shapesTodo.removeFirst());
      if (node != null) {
        node.getInputList().stream().filter(byShape::add).forEach(shapesTodo::addLast);
      }
    }
    return new Reached(byValue, byShape);
  }

  private boolean isContent(NodeProto node) {
    return node.getOpType().equals("Softmax")
        || FusedAttention.isOne(node)
        || graph.isProjection(node)
        || graph.isTableLookUp(node);
  }
}
