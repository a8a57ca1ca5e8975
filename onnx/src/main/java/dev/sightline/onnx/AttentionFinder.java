package dev.sightline.onnx;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.AttentionSite.MaskRoute;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds attentions by role, never by name: exporters rename nodes freely, but an attention is
 * always a Softmax between two matrix products of activations.
 *
 * <p>Upwards from the Softmax the scores may have been scaled, masked, capped, cast or reshaped on
 * the way; every operand that joins on that way and is not a constant may carry a mask, and is
 * traced back to the model's mask input. Downwards the probabilities may have been cast, dropped
 * out, guarded against NaN or quantised before they meet the values.
 */
final class AttentionFinder {
  /** The operators between a score product and its Softmax, in every export seen so far. */
  private static final Set<String> ON_THE_WAY_UP =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Where",
          "Cast",
          "Reshape",
          "Transpose",
          "Tanh",
          "Clip",
          "Max",
          "Min",
          "Identity",
          "Squeeze",
          "Unsqueeze",
          "DequantizeLinear",
          "Dropout");

  private static final Set<String> ON_THE_WAY_DOWN =
      Set.of(
          "Cast",
          "Dropout",
          "Identity",
          "Where",
          "Mul",
          "Reshape",
          "DynamicQuantizeLinear",
          "QuantizeLinear",
          "DequantizeLinear");

  private static final Set<String> PRODUCTS =
      Set.of("MatMul", "Gemm", "Einsum", "MatMulInteger", "QLinearMatMul", "FusedMatMul");

  private static final Set<String> FUSED =
      Set.of("Attention", "MultiHeadAttention", "GroupQueryAttention", "QAttention");

  private final Graph graph;
  private final @Nullable String maskInput;
  private final long opset;

  AttentionFinder(Graph graph, @Nullable String maskInput, long opset) {
    this.graph = graph;
    this.maskInput = maskInput;
    this.opset = opset;
  }

  AttentionSites find() {
    List<AttentionSite> found = new ArrayList<>();
    List<AttentionSites.Rejected> rejected = new ArrayList<>();
    for (NodeProto node : graph.nodes()) {
      if (node.getOpType().equals("Softmax")) {
        String reason = consider(node, found);
        if (reason != null) {
          rejected.add(new AttentionSites.Rejected(Graph.label(node), reason));
        }
      } else if (FUSED.contains(node.getOpType())) {
        rejected.add(
            new AttentionSites.Rejected(
                Graph.label(node),
                "a fused " + node.getOpType() + " operator keeps its probabilities to itself"));
      } else if (bodyHasSoftmax(node)) {
        rejected.add(
            new AttentionSites.Rejected(
                Graph.label(node),
                "a Softmax inside the body of this " + node.getOpType() + " is out of reach"));
      }
    }
    return new AttentionSites(found, rejected);
  }

  /** Adds the site, or returns why there is none. */
  private @Nullable String consider(NodeProto softmax, List<AttentionSite> found) {
    if (softmax.getInputCount() != 1 || softmax.getOutputCount() != 1) {
      return "it does not have one input and one output";
    }
    long axis = Graph.axisOf(softmax, opset < 13 ? 1 : -1);
    if (axis != -1 && axis < 2) {
      return "it normalises axis " + axis + ", not the last one";
    }
    Way down = wayDown(softmax.getOutput(0));
    if (down.product == null) {
      return "its result is not the left operand of a product with an activation";
    }
    Way up = wayUp(softmax.getInput(0));
    if (up.product == null) {
      return "its input does not come from a product of two activations";
    }
    List<Operand> operands = new ArrayList<>(up.operands);
    operands.addAll(down.operands);
    MaskRoute route = MaskRoute.NONE;
    List<String> entries = new ArrayList<>();
    for (Operand operand : operands) {
      MaskRoute here = routeOf(operand.tensor);
      if (here == MaskRoute.VALUE) {
        entries.add(operand.operator + " " + operand.tensor);
      }
      route = here.compareTo(route) < 0 ? here : route; // the strongest route first in the enum
    }
    found.add(
        new AttentionSite(
            found.size(),
            Graph.label(softmax),
            softmax.getOutput(0),
            Graph.label(up.product),
            Graph.label(down.product),
            route,
            entries));
    return null;
  }

  private record Operand(String operator, String tensor) {}

  /** Towards the Softmax: through this node to the tensor that it makes of ours. */
  private record Step(NodeProto node, String towards) {}

  private record Way(@Nullable NodeProto product, List<Operand> operands) {}

  /** Breadth first, so that of two candidate products the nearer one is taken. */
  private Way wayUp(String from) {
    Map<String, Step> steps = new HashMap<>();
    Set<String> seen = new HashSet<>(Set.of(from));
    Deque<String> todo = new ArrayDeque<>(List.of(from));
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      NodeProto node = graph.producer(tensor);
      if (node == null) {
        continue;
      }
      if (isProductOfActivations(node)) {
        return new Way(node, operandsAlong(from, tensor, steps));
      }
      if (ON_THE_WAY_UP.contains(node.getOpType())) {
        for (int i = 0; i < node.getInputCount(); i++) {
          String input = node.getInput(i);
          boolean carriesScores = !(node.getOpType().equals("Where") && i == 0);
          if (carriesScores && !Graph.isShapeEdge(node, i) && seen.add(input)) {
            steps.put(input, new Step(node, tensor));
            todo.addLast(input);
          }
        }
      }
    }
    return new Way(null, List.of());
  }

  /** What joined the scores between their product and the Softmax, nearest the Softmax first. */
  private List<Operand> operandsAlong(
      String softmaxInput, String product, Map<String, Step> steps) {
    List<Operand> operands = new ArrayList<>();
    String tensor = product;
    while (!tensor.equals(softmaxInput)) {
      Step step = steps.get(tensor);
      if (step == null) {
        throw new IllegalStateException("no way from " + product + " to " + softmaxInput);
      }
      operands.addAll(joiners(step.node, tensor));
      tensor = step.towards;
    }
    return operands.reversed();
  }

  private List<Operand> joiners(NodeProto node, String main) {
    List<Operand> joiners = new ArrayList<>();
    for (int i = 0; i < node.getInputCount(); i++) {
      String input = node.getInput(i);
      if (!input.isEmpty()
          && !input.equals(main)
          && !Graph.isShapeEdge(node, i)
          && graph.constant(input) == null) {
        joiners.add(new Operand(node.getOpType(), input));
      }
    }
    return joiners;
  }

  private Way wayDown(String from) {
    Map<String, List<Operand>> operands = new HashMap<>(Map.of(from, List.of()));
    Deque<String> todo = new ArrayDeque<>(List.of(from));
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      List<Operand> soFar = operands.getOrDefault(tensor, List.of());
      for (NodeProto node : graph.consumers(tensor)) {
        if (isProductOfActivations(node) && Graph.input(node, 0).equals(tensor)) {
          return new Way(node, soFar);
        }
        if (ON_THE_WAY_DOWN.contains(node.getOpType())
            && node.getOutputCount() > 0
            && !operands.containsKey(node.getOutput(0))) {
          List<Operand> more = new ArrayList<>(soFar);
          more.addAll(joiners(node, tensor));
          operands.put(node.getOutput(0), more);
          todo.addLast(node.getOutput(0));
        }
      }
    }
    return new Way(null, List.of());
  }

  private boolean isProductOfActivations(NodeProto node) {
    if (!PRODUCTS.contains(node.getOpType())) {
      return false;
    }
    int right = node.getOpType().equals("QLinearMatMul") ? 3 : 1;
    return graph.isActivation(Graph.input(node, 0)) && graph.isActivation(Graph.input(node, right));
  }

  /**
   * Walks from an operand back to the mask input. The walk ends at every Softmax (beyond it lies an
   * earlier layer) and at look-ups in tables of the file (beyond lies an embedding or a position):
   * what comes through those is content, not a mask.
   */
  private MaskRoute routeOf(String operand) {
    if (maskInput == null) {
      return MaskRoute.NONE;
    }
    Set<String> byValue = new HashSet<>();
    Set<String> byShape = new HashSet<>();
    Deque<String> todo = new ArrayDeque<>();
    byValue.add(operand);
    todo.add(operand);
    Deque<String> shapesTodo = new ArrayDeque<>();
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      if (tensor.equals(maskInput)) {
        return MaskRoute.VALUE;
      }
      NodeProto node = graph.producer(tensor);
      if (node == null || node.getOpType().equals("Softmax") || isTableLookUp(node)) {
        continue;
      }
      for (int i = 0; i < node.getInputCount(); i++) {
        String input = node.getInput(i);
        if (Graph.isShapeEdge(node, i)) {
          if (byShape.add(input)) {
            shapesTodo.addLast(input);
          }
        } else if (byValue.add(input)) {
          todo.addLast(input);
        }
      }
    }
    while (!shapesTodo.isEmpty()) {
      String tensor = shapesTodo.removeFirst();
      if (tensor.equals(maskInput)) {
        return MaskRoute.SHAPE_ONLY;
      }
      NodeProto node = graph.producer(tensor);
      if (node != null) {
        node.getInputList().stream().filter(byShape::add).forEach(shapesTodo::addLast);
      }
    }
    return MaskRoute.NONE;
  }

  private boolean isTableLookUp(NodeProto node) {
    return node.getOpType().equals("Gather")
        && !graph.isActivation(Graph.input(node, 0))
        && graph.isActivation(Graph.input(node, 1));
  }

  private static boolean bodyHasSoftmax(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasG()
          && attribute.getG().getNodeList().stream()
              .anyMatch(n -> n.getOpType().equals("Softmax") || FUSED.contains(n.getOpType()))) {
        return true;
      }
    }
    return false;
  }
}
