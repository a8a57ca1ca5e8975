package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.graph.MaskRoutes.Operand;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
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
 * The two paths from a Softmax: up to the product that makes its scores, and down to the product
 * that its probabilities enter. Breadth first, so that of two candidate products the nearer one is
 * taken.
 */
final class AttentionPathFinder {
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
          "Expand",
          "Concat",
          "Slice",
          "Pad",
          "QuantizeLinear",
          "DequantizeLinear",
          "Dropout");

  /** These change probabilities, and leave their axes where they are. */
  private static final Set<String> WEIGHTS =
      Set.of("Cast", "Dropout", "Identity", "Where", "Mul", "Div", "Slice");

  /** These move axes or change the type: after them the tensor is no longer handed out. */
  private static final Set<String> LAYOUT =
      Set.of(
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Expand",
          "DynamicQuantizeLinear",
          "QuantizeLinear",
          "DequantizeLinear");

  private static final Set<Integer> FLOATS =
      Set.of(
          TensorProto.DataType.FLOAT_VALUE,
          TensorProto.DataType.FLOAT16_VALUE,
          TensorProto.DataType.BFLOAT16_VALUE,
          TensorProto.DataType.DOUBLE_VALUE);

  private final Graph graph;

  AttentionPathFinder(Graph graph) {
    this.graph = graph;
  }

  /**
   * From a Softmax to its score product.
   *
   * @param query the operand of the product that has the rows of the scores
   * @param key the operand that has their columns
   * @param operands what joined on the way, nearest the Softmax first
   * @param order what brings the axes of the scores in the order {@code [B, ..., Lq, Lk]}; empty if
   *     they are
   * @param product the tensor of the product
   * @param nodes those from the product to the Softmax
   */
  record Up(
      String query,
      String key,
      List<Operand> operands,
      List<Integer> order,
      String product,
      List<NodeProto> nodes) {}

  /**
   * From a Softmax to the product with the values.
   *
   * @param weights the last floating-point tensor before the product with the Softmax's axes
   * @param operands what joined on the way
   * @param context the result of the product; null if it cannot be laid out
   * @param values its other operand; null if that cannot be laid out
   * @param nodes those from the Softmax to the weights
   */
  record Down(
      String weights,
      List<Operand> operands,
      @Nullable Place context,
      @Nullable Place values,
      List<NodeProto> nodes) {}

  /** Towards the Softmax: through this node to the tensor that it makes of ours. */
  private record Step(NodeProto node, String towards) {}

  @Nullable Up up(String from) {
    Map<String, Step> steps = new HashMap<>();
    Set<String> seen = new HashSet<>(Set.of(from));
    Deque<String> todo = new ArrayDeque<>(List.of(from));
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      NodeProto node = graph.producer(tensor);
      if (node == null) {
        continue;
      }
      if (graph.isProductOfActivations(node)) {
        return upTo(node, tensor, from, steps);
      }
      if (ON_THE_WAY_UP.contains(node.getOpType())) {
        for (int i = 0; i < node.getInputCount(); i++) {
          String input = node.getInput(i);
          boolean carriesScores =
              switch (node.getOpType()) {
                case "Where" -> i != 0;
                case "Slice", "Pad" -> i == 0;
                default -> !Graph.isShapeEdge(node, i);
              };
          if (carriesScores && seen.add(input)) {
            steps.put(input, new Step(node, tensor));
            todo.addLast(input);
          }
        }
      }
    }
    return null;
  }

  private Up upTo(NodeProto product, String scores, String softmaxInput, Map<String, Step> steps) {
    List<Operand> operands = new ArrayList<>();
    List<NodeProto> nodes = new ArrayList<>();
    boolean swapped = false;
    boolean moved = false;
    String tensor = scores;
    while (!tensor.equals(softmaxInput)) {
      Step step = steps.get(tensor);
      if (step == null) {
        throw new IllegalStateException("no way from " + scores + " to " + softmaxInput);
      }
      operands.addAll(joiners(step.node, tensor));
      nodes.add(step.node);
      swapped ^= swapsLastTwo(step.node);
      moved |= LAYOUT.contains(step.node.getOpType());
      tensor = step.towards;
    }
    String left = Graph.input(product, 0);
    String right = Graph.input(product, Graph.rightOperand(product));
    Equation equation = Equation.of(product);
    if (equation != null) {
      boolean keysFirst = equation.left().indexOf(equation.lastLabel()) >= 0;
      return new Up(
          keysFirst ? right : left,
          keysFirst ? left : right,
          operands.reversed(),
          moved ? List.of() : equation.scoresOrder(),
          scores,
          nodes);
    }
    return new Up(
        swapped ? right : left,
        swapped ? left : right,
        operands.reversed(),
        List.of(),
        scores,
        nodes);
  }

  /** What joins at a node; the largest score, which keeps Exp in range, changes nothing. */
  private List<Operand> joiners(NodeProto node, String main) {
    List<Operand> joiners = new ArrayList<>();
    for (int i = 0; i < node.getInputCount(); i++) {
      String input = node.getInput(i);
      NodeProto maker = graph.producer(input);
      boolean isMaximum = maker != null && maker.getOpType().equals("ReduceMax");
      if (!input.isEmpty()
          && !input.equals(main)
          && !isMaximum
          && !Graph.isShapeEdge(node, i)
          && graph.constant(input) == null) {
        joiners.add(new Operand(node.getOpType(), input));
      }
    }
    return joiners;
  }

  private static boolean swapsLastTwo(NodeProto node) {
    if (!node.getOpType().equals("Transpose")) {
      return false;
    }
    List<Long> order = Graph.integers(node, "perm");
    int rank = order.size();
    return rank >= 2 && order.get(rank - 1) == rank - 2 && order.get(rank - 2) == rank - 1;
  }

  /**
   * A tensor below a Softmax.
   *
   * @param weights the last tensor with the Softmax's own axes
   * @param moved whether axes were moved or the type changed since
   * @param swapped whether rows and columns are exchanged
   * @param mixed whether axes were moved in another way
   * @param before the tensor that it was made of; null for the Softmax's own
   */
  private record Below(
      String tensor,
      String weights,
      boolean moved,
      boolean swapped,
      boolean mixed,
      @Nullable Below before,
      @Nullable NodeProto by) {}

  @Nullable Down down(String from) {
    Set<String> seen = new HashSet<>(Set.of(from));
    Deque<Below> todo = new ArrayDeque<>();
    todo.add(new Below(from, from, false, false, false, null, null));
    while (!todo.isEmpty()) {
      Below here = todo.removeFirst();
      for (NodeProto node : graph.consumers(here.tensor)) {
        ValueProduct product = new ValueProduct(graph, node, here.tensor, here.swapped);
        if (graph.isProductOfActivations(node) && product.sumsOverKeys()) {
          return new Down(
              here.weights,
              operands(here),
              here.mixed ? null : product.context(),
              here.mixed ? null : product.values(),
              toWeights(here));
        }
        boolean layout = LAYOUT.contains(node.getOpType());
        boolean isData = node.getInputCount() > 0 && isDataOf(node, here.tensor);
        if ((layout || WEIGHTS.contains(node.getOpType()))
            && isData
            && node.getOutputCount() > 0
            && seen.add(node.getOutput(0))) {
          todo.addLast(below(here, node));
        }
      }
    }
    return null;
  }

  private static boolean isDataOf(NodeProto node, String tensor) {
    return switch (node.getOpType()) {
      case "Where" -> !Graph.input(node, 0).equals(tensor);
      case "Mul" -> true;
      default -> Graph.input(node, 0).equals(tensor);
    };
  }

  private static Below below(Below here, NodeProto node) {
    String output = node.getOutput(0);
    boolean swaps = swapsLastTwo(node);
    boolean mixes = node.getOpType().equals("Transpose") && !swaps;
    boolean toWhole =
        node.getOpType().equals("Cast")
            && !FLOATS.contains((int) Graph.integer(node, "to", TensorProto.DataType.FLOAT_VALUE));
    boolean moved = here.moved || toWhole || LAYOUT.contains(node.getOpType());
    return new Below(
        output,
        moved ? here.weights : output,
        moved,
        here.swapped ^ swaps,
        here.mixed || mixes,
        here,
        node);
  }

  private static List<NodeProto> toWeights(Below end) {
    Below here = end;
    while (!here.tensor.equals(end.weights) && here.before != null) {
      here = here.before;
    }
    List<NodeProto> nodes = new ArrayList<>();
    while (here.before != null && here.by != null) {
      nodes.add(here.by);
      here = here.before;
    }
    return nodes.reversed();
  }

  private List<Operand> operands(Below end) {
    List<Operand> operands = new ArrayList<>();
    Below here = end;
    while (here.before != null && here.by != null) {
      operands.addAll(joiners(here.by, here.before.tensor).reversed());
      here = here.before;
    }
    return operands.reversed();
  }
}
