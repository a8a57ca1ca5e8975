package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.tensor.ElementType;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;

/** What a graph as a whole tells about the results of the model. */
public final class GraphQuestions {
  private GraphQuestions() {}

  /** Returns whether a graph has an operator that quantises by the largest value of a tensor. */
  public static boolean quantizesDynamically(Graph graph) {
    return graph.usesOperator("DynamicQuantizeLinear")
        || graph.usesOperator("DynamicQuantizeMatMul")
        || graph.usesOperator("MatMulIntegerToFloat");
  }

  /** Returns the largest rounding step at 1 of the types of weights and casts; 0 for none. */
  public static double coarsestEpsilon(Graph graph, Collection<TensorProto> weights) {
    double coarsest = 0;
    for (TensorProto weight : weights) {
      coarsest = Math.max(coarsest, epsilon(weight.getDataType()));
    }
    for (NodeProto node : graph.nodes()) {
      if (node.getOpType().equals("Cast")) {
        for (AttributeProto to : node.getAttributeList()) {
          coarsest = Math.max(coarsest, epsilon((int) to.getI()));
        }
      }
    }
    return coarsest;
  }

  private static double epsilon(int dataType) {
    ElementType type = OnnxTypes.elementType(dataType);
    return type == null ? 0 : type.epsilon();
  }

  /** Returns whether a path that carries values, not shapes alone, leads to a tensor. */
  public static boolean reaches(Graph graph, Set<String> from, String tensor) {
    Set<String> seen = new HashSet<>(Set.of(tensor));
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      String each = todo.removeFirst();
      if (from.contains(each)) {
        return true;
      }
      NodeProto node = graph.producer(each);
      for (int i = 0; node != null && i < node.getInputCount(); i++) {
        if (!Graph.isShapeEdge(node, i) && seen.add(node.getInput(i))) {
          todo.addLast(node.getInput(i));
        }
      }
      if (node != null && node.getAttributeList().stream().anyMatch(AttributeProto::hasG)) {
        return true; // the body of an If or a Loop may read any tensor
      }
    }
    return false;
  }
}
