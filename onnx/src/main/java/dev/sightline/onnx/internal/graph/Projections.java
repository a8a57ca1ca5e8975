package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds what queries and keys are made of: upwards from an operand of the score product through
 * reshapes, norms, scales and rotary turns to the products with weights, and the hidden states that
 * those read.
 */
final class Projections {
  private static final Set<String> SAME_CONTENT =
      Set.of(
          "Cast",
          "Identity",
          "Reshape",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Dropout",
          "QuantizeLinear",
          "DynamicQuantizeLinear");

  private final Graph graph;

  Projections(Graph graph) {
    this.graph = graph;
  }

  /**
   * What an operand is made of.
   *
   * @param hidden the tensors that its projections read, and whether tokens are their outermost
   *     axis
   * @param inputs graph inputs that it takes unprojected, such as a cache
   * @param lost whether some of it comes from elsewhere
   */
  record Origin(Map<String, Boolean> hidden, Set<String> inputs, boolean lost) {
    Origin {
      hidden = Collections.unmodifiableMap(hidden);
      inputs = Set.copyOf(inputs);
    }

    /** The hidden states, if they are one tensor. */
    @Nullable Place place() {
      if (lost || hidden.size() != 1) {
        return null;
      }
      Map.Entry<String, Boolean> only = hidden.entrySet().iterator().next();
      return only.getValue()
          ? Place.permuted(only.getKey(), List.of(1, 0, 2))
          : Place.of(only.getKey());
    }
  }

  static Source source(Origin queries, Origin keys) {
    if (queries.lost || keys.lost) {
      return Source.UNKNOWN;
    }
    Set<String> from = queries.hidden.isEmpty() ? queries.inputs : queries.hidden.keySet();
    Set<String> to = keys.hidden.isEmpty() ? keys.inputs : keys.hidden.keySet();
    if (from.isEmpty() || to.isEmpty()) {
      return Source.UNKNOWN;
    }
    if (to.containsAll(from)) {
      return Source.SELF;
    }
    return Collections.disjoint(from, to) ? Source.CROSS : Source.UNKNOWN;
  }

  Origin of(String operand) {
    Map<String, Boolean> hidden = new LinkedHashMap<>();
    Set<String> inputs = new HashSet<>();
    boolean lost = false;
    // For each tensor whether the walk to it went through an exchange of batch and tokens.
    Map<String, Boolean> turned = new HashMap<>(Map.of(operand, false));
    Deque<String> todo = new ArrayDeque<>(List.of(operand));
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      boolean tokensFirst = turned.getOrDefault(tensor, false);
      NodeProto node = graph.producer(tensor);
      if (node == null) {
        if (graph.isInput(tensor)) {
          inputs.add(tensor);
        }
        continue;
      }
      if (graph.isProjection(node)) {
        String read = content(graph.activationOperand(node));
        NodeProto maker = graph.producer(read);
        if (maker != null && maker.getOpType().startsWith("QLinear")) {
          lost = true; // whole numbers without their scale
        }
        hidden.putIfAbsent(read, tokensFirst);
        continue;
      }
      if (isElsewhere(node)) {
        lost = true;
        continue;
      }
      boolean exchange =
          node.getOpType().equals("Transpose")
              && Graph.integers(node, "perm").equals(List.of(1L, 0L, 2L));
      for (String input : carriers(node, tensor)) {
        if (graph.isActivation(input)
            && turned.putIfAbsent(input, tokensFirst ^ exchange) == null) {
          todo.addLast(input);
        }
      }
    }
    return new Origin(hidden, inputs, lost);
  }

  /** The hidden states that a fused operator projects by itself. */
  Origin ofHidden(String tensor) {
    return new Origin(Map.of(content(tensor), false), Set.of(), false);
  }

  private boolean isElsewhere(NodeProto node) {
    return switch (node.getOpType()) {
      case "Softmax", "SkipLayerNormalization", "EmbedLayerNormalization", "If", "Loop", "Scan" ->
          true;
      default -> FusedAttention.isOne(node) || graph.isProductOfActivations(node);
    };
  }

  /** The operands that carry content into a tensor: no angles, no scales of a quantiser. */
  private List<String> carriers(NodeProto node, String output) {
    return switch (node.getOpType()) {
      case "Cos", "Sin", "Shape", "Size", "ConstantOfShape" -> List.of();
      case "RotaryEmbedding", "Expand", "Reshape", "Tile" -> List.of(Graph.input(node, 0));
      case "DynamicQuantizeLinear" ->
          output.equals(node.getOutput(0)) ? List.of(Graph.input(node, 0)) : List.of();
      case "Gather" -> graph.isTableLookUp(node) ? List.of() : List.of(Graph.input(node, 0));
      case "Slice" -> List.of(Graph.input(node, 0));
      case "Where" -> List.of(Graph.input(node, 1), Graph.input(node, 2));
      default -> node.getInputList();
    };
  }

  /** The tensor before reshapes and quantisers that only one node reads. */
  private String content(String tensor) {
    String current = tensor;
    Set<String> seen = new HashSet<>();
    while (seen.add(current)) {
      NodeProto node = graph.producer(current);
      if (node == null) {
        return current;
      }
      if (node.getOpType().equals("DequantizeLinear")) {
        NodeProto before = graph.producer(Graph.input(node, 0));
        if (before == null || !before.getOpType().equals("QuantizeLinear")) {
          return current;
        }
      } else if (!SAME_CONTENT.contains(node.getOpType())) {
        return current;
      }
      current = Graph.input(node, 0);
    }
    return current;
  }
}
