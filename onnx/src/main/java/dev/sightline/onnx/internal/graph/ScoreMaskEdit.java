package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.AttentionEdit.Refusal;
import dev.sightline.onnx.internal.graph.ValueKinds.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/** Replaces the mask of an attention that is written out as products and a Softmax. */
final class ScoreMaskEdit {
  /** Before one of these the scores have a column for each key, and after it perhaps not. */
  private static final Set<String> OTHER_COLUMNS = Set.of("Concat", "Slice", "Pad");

  private static final Set<String> SAME_RANK =
      Set.of(
          "Mul", "Div", "Cast", "Identity", "QuantizeLinear", "DequantizeLinear", "Add", "Split");

  private static final Set<String> OTHER_AXES =
      Set.of("Reshape", "Transpose", "Squeeze", "Unsqueeze", "Expand");

  private final Graph graph;
  private final GraphEdit edit;
  private final ValueKinds kinds;
  private final MaskRemoval removal;
  private final String batchInput;
  private int next;

  ScoreMaskEdit(
      Graph graph, GraphEdit edit, ValueKinds kinds, MaskRemoval removal, String batchInput) {
    this.graph = graph;
    this.edit = edit;
    this.kinds = kinds;
    this.removal = removal;
    this.batchInput = batchInput;
  }

  /**
   * A node between the product and the Softmax.
   *
   * @param main which of its operands has the scores
   */
  private record Step(NodeProto node, int main) {
    String input() {
      return node.getInput(main);
    }

    String output() {
      return node.getOutput(0);
    }

    String operator() {
      return node.getOpType();
    }
  }

  Optional<Refusal> put(AttentionPath path, String allowed, OptionalDouble fill) {
    List<Step> steps = steps(path.product(), path.up());
    int end = end(steps);
    Optional<Refusal> refusal = whyNot(steps, end);
    if (refusal.isPresent()) {
      return refusal;
    }
    String scores = path.product();
    for (Step step : steps.subList(0, end)) {
      if (masks(step)) {
        edit.replaceUses(step.output(), scores);
        continue;
      }
      removeFromOperands(step);
      scores = step.output();
    }
    int type = graph.elementType(path.scores());
    GraphBuilder added = edit.builder("attention." + next++);
    Layout layout = new Layout(path, hasFourAxes(path, steps.subList(0, end)), allowed);
    double low = fill.orElse(MaskRemoval.lowest(type));
    String masked = masked(added, scores, layout, MaskRemoval.number(added, type, low));
    edit.replaceUses(scores, masked);
    edit.add(added.graph());
    maskWeights(path, layout);
    return Optional.empty();
  }

  private static List<Step> steps(String from, List<NodeProto> nodes) {
    List<Step> steps = new ArrayList<>();
    String was = from;
    for (NodeProto node : nodes) {
      steps.add(new Step(node, node.getInputList().indexOf(was)));
      was = node.getOutput(0);
    }
    return steps;
  }

  /** The first step that the mask must be put in before; all that hide keys are before it. */
  private int end(List<Step> steps) {
    for (int s = 0; s < steps.size(); s++) {
      Step step = steps.get(s);
      if (OTHER_COLUMNS.contains(step.operator()) || takesMaximumOff(step)) {
        return s;
      }
    }
    return steps.size();
  }

  private boolean takesMaximumOff(Step step) {
    NodeProto other = graph.producer(Graph.input(step.node, 1));
    return step.operator().equals("Sub") && other != null && other.getOpType().equals("ReduceMax");
  }

  private Optional<Refusal> whyNot(List<Step> steps, int end) {
    for (int s = 0; s < steps.size(); s++) {
      Step step = steps.get(s);
      String label = Graph.label(step.node);
      if (s > end && (masks(step) || addsMask(step))) {
        String reason =
            "a " + steps.get(end).operator() + " changes the keys before they are masked";
        return Optional.of(new Refusal(Graph.label(steps.get(end).node), reason));
      }
      if (s > end && step.operator().equals("Transpose")) {
        return Optional.of(new Refusal(label, "the axes of its scores change places"));
      }
      if (step.operator().equals("Where")
          && step.main > 0
          && kinds.of(Graph.input(step.node, 3 - step.main)) == Kind.CONTENT
          && kinds.of(Graph.input(step.node, 0)) != Kind.CONTENT) {
        return Optional.of(new Refusal(label, "it chooses between two kinds of scores"));
      }
    }
    return Optional.empty();
  }

  /** Whether a node masks the scores and does nothing else. */
  private boolean masks(Step step) {
    return switch (step.operator()) {
      case "Add", "Sub", "Min" ->
          step.main >= 0
              && step.node.getInputCount() == 2
              && (step.main == 0 || !step.operator().equals("Sub"))
              && removal.isMask(step.node.getInput(1 - step.main));
      case "Mul" -> step.main >= 0 && removal.isMask(step.node.getInput(1 - step.main));
      case "Where" ->
          step.main > 0
              && kinds.of(Graph.input(step.node, 0)) != Kind.CONTENT
              && kinds.of(Graph.input(step.node, 3 - step.main)) != Kind.CONTENT;
      default -> false;
    };
  }

  private boolean addsMask(Step step) {
    if (!step.operator().equals("Add") || step.main < 0) {
      return false;
    }
    String other = step.node.getInput(1 - step.main);
    return !removal.withoutMask(other).equals(Optional.of(other));
  }

  private void removeFromOperands(Step step) {
    if (!step.operator().equals("Add") && !step.operator().equals("Sub")) {
      return;
    }
    for (int i = 0; i < step.node.getInputCount(); i++) {
      if (i != step.main) {
        String operand = step.node.getInput(i);
        Optional<String> bias = removal.withoutMask(operand);
        bias.ifPresent(
            tensor -> edit.setInput(edit.producer(step.output()), operandIndex(step), tensor));
      }
    }
  }

  private static int operandIndex(Step step) {
    return 1 - step.main;
  }

  /**
   * How scores are laid out.
   *
   * @param fourAxes whether they are {@code [B, H, Lq, Lk]} already
   * @param allowed the mask
   */
  private record Layout(AttentionPath path, boolean fourAxes, String allowed) {}

  /** Adds a Where with a value in the place of what is forbidden. */
  private String masked(GraphBuilder added, String tensor, Layout layout, String fill) {
    if (layout.fourAxes) {
      return added.node("Where", layout.allowed, tensor, fill);
    }
    List<Integer> order = layout.path.order();
    String inOrder = order.isEmpty() ? tensor : added.transpose(tensor, order);
    String shape = added.node("Shape", inOrder);
    String batch = added.node("Gather", added.node("Shape", batchInput), added.longs(0));
    String lengths = added.node("Gather", shape, added.longs(-2, -1));
    String fourAxes =
        added.node("Reshape", inOrder, added.concat(0, batch, added.longs(-1), lengths));
    String masked =
        added.node("Reshape", added.node("Where", layout.allowed, fourAxes, fill), shape);
    return order.isEmpty() ? masked : added.transpose(masked, inverse(order));
  }

  private static List<Integer> inverse(List<Integer> order) {
    Integer[] inverse = new Integer[order.size()];
    for (int a = 0; a < inverse.length; a++) {
      inverse[order.get(a)] = a;
    }
    return List.of(inverse);
  }

  /** Weights that the old mask made 0 are 0 where the new one says so. */
  private void maskWeights(AttentionPath path, Layout layout) {
    for (Step step : steps(path.probabilities(), path.down())) {
      boolean choosesOrScales = step.operator().equals("Where") || step.operator().equals("Mul");
      if (choosesOrScales && masks(step)) {
        GraphBuilder added = edit.builder("attention." + next++);
        String zero = MaskRemoval.number(added, graph.elementType(step.input()), 0);
        String masked = masked(added, step.input(), layout, zero);
        edit.replaceUses(step.output(), masked);
        edit.add(added.graph());
      }
    }
  }

  /** Whether the scores have four axes in the common order, by the Transpose that made queries. */
  private boolean hasFourAxes(AttentionPath path, List<Step> steps) {
    if (!path.order().isEmpty()
        || steps.stream().anyMatch(step -> OTHER_AXES.contains(step.operator()))) {
      return false;
    }
    String tensor = path.query();
    NodeProto node = graph.producer(tensor);
    while (node != null && SAME_RANK.contains(node.getOpType()) && graph.isActivation(tensor)) {
      String first = Graph.input(node, 0);
      tensor = graph.isActivation(first) ? first : Graph.input(node, 1);
      node = graph.producer(tensor);
    }
    return node != null
        && node.getOpType().equals("Transpose")
        && Graph.integers(node, "perm").size() == 4;
  }
}
