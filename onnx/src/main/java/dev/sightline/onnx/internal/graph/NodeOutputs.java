package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Adds what nodes compute to a model as outputs, so that two runs can be compared node by node. */
public final class NodeOutputs {
  private static final int FLOAT = TensorProto.DataType.FLOAT_VALUE;

  private NodeOutputs() {}

  /**
   * Returns the nodes that compute some tensors from others and from what the model is fed.
   *
   * @param from tensors that are known; neither their nodes nor what these read are among them
   * @param to the tensors to compute
   * @return nodes whose results change with what the model is fed, in order of execution
   */
  public static List<NodeProto> between(
      Graph graph, Collection<String> from, Collection<String> to) {
    Set<String> known = ancestors(graph, from, Set.of());
    Set<String> needed = ancestors(graph, to, known);
    return graph.nodes().stream()
        .filter(node -> node.getOutputList().stream().anyMatch(needed::contains))
        .filter(node -> node.getOutputList().stream().anyMatch(graph::isActivation))
        .toList();
  }

  /** The tensors, and all those that their values are computed from, but for some. */
  private static Set<String> ancestors(Graph graph, Collection<String> of, Set<String> without) {
    Set<String> seen = new HashSet<>(of);
    seen.removeAll(without);
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      NodeProto node = graph.producer(todo.removeFirst());
      if (node != null) {
        graph.valueOperands(node).stream()
            .filter(tensor -> !without.contains(tensor) && seen.add(tensor))
            .forEach(todo::addLast);
      }
    }
    return seen;
  }

  /** The operands whose values a node uses and that change with what the model is fed. */
  public static List<String> operands(Graph graph, NodeProto node) {
    return graph.valueOperands(node).stream()
        .filter(operand -> graph.isActivation(operand) && !graph.isInput(operand))
        .toList();
  }

  /** Whether a node multiplies such an operand with weights. */
  public static boolean isProjection(Graph graph, NodeProto node) {
    return graph.isProjection(node);
  }

  /** The name of the output that shows a tensor. */
  public static String output(String tensor) {
    return "sightline.node." + tensor;
  }

  /** Nodes that give tensors as outputs, float32 whatever their type; to be added to the model. */
  public static GraphProto added(Collection<String> tensors) {
    GraphBuilder graph = GraphBuilder.addition("sightline.node.");
    for (String tensor : tensors) {
      graph.op("Cast", tensor).with("to", FLOAT).named(output(tensor));
      graph.outputOf(output(tensor));
    }
    return graph.graph();
  }
}
