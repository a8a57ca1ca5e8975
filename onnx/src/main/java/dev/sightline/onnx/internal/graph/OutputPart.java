package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/**
 * The part of a model that some outputs are made of. ONNX Runtime computes all of a graph, whatever
 * outputs it is asked for.
 */
public final class OutputPart {
  private OutputPart() {}

  /**
   * Returns the part, with all inputs of the model.
   *
   * @param outputs the outputs that it has, at least one
   */
  public static ModelProto of(ModelProto model, Collection<String> outputs) {
    Set<String> needed = needed(new Graph(model.getGraph()), outputs);
    ModelProto.Builder part = model.toBuilder();
    GraphProto.Builder graph = part.getGraphBuilder();
    graph.clearNode().clearOutput().clearValueInfo();
    model.getGraph().getNodeList().stream()
        .filter(node -> node.getOutputList().stream().anyMatch(needed::contains))
        .forEach(graph::addNode);
    model.getGraph().getOutputList().stream()
        .filter(output -> outputs.contains(output.getName()))
        .forEach(graph::addOutput);
    model.getGraph().getValueInfoList().stream()
        .filter(value -> needed.contains(value.getName()))
        .forEach(graph::addValueInfo);
    return part.build();
  }

  private static Set<String> needed(Graph graph, Collection<String> outputs) {
    Set<String> needed = new HashSet<>(outputs);
    Deque<String> todo = new ArrayDeque<>(needed);
    while (!todo.isEmpty()) {
      NodeProto node = graph.producer(todo.removeFirst());
      if (node == null) {
        continue;
      }
      Deque<String> operands = new ArrayDeque<>(node.getInputList());
      operands.addAll(graph.valueOperands(node)); // of its bodies too
      operands.stream().filter(needed::add).forEach(todo::addLast);
    }
    return needed;
  }
}
