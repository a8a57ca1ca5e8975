package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.util.ArrayDeque;
import java.util.Arrays;
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

  /** The name of the output that shows a tensor. */
  public static String output(String tensor) {
    return "sightline.node." + tensor;
  }

  /** The model's bytes with tensors as outputs, float32 whatever their type. */
  public static byte[] appendedTo(byte[] model, Collection<String> tensors) {
    GraphBuilder graph = GraphBuilder.addition("sightline.node.");
    for (String tensor : tensors) {
      graph.op("Cast", tensor).with("to", FLOAT).named(output(tensor));
      graph.outputOf(output(tensor));
    }
    byte[] more = ModelProto.newBuilder().setGraph(graph.graph()).build().toByteArray();
    byte[] whole = Arrays.copyOf(model, Math.addExact(model.length, more.length));
    System.arraycopy(more, 0, whole, model.length, more.length);
    return whole;
  }
}
