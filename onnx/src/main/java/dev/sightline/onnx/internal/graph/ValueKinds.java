package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells masks from biases and from content by what a tensor is computed from. A mask is made of
 * comparisons, logic and single numbers, so it takes few values whatever the model is fed; a bias
 * is made of positions and tables of the file; content is made of tokens.
 */
final class ValueKinds {
  /** A mask has a value for allowed and one for forbidden, and perhaps their sum. */
  private static final int MOST_VALUES = 3;

  /** What gives few values for few values. */
  private static final Set<String> ELEMENTWISE =
      Set.of(
          "Cast",
          "CastLike",
          "Identity",
          "Neg",
          "Abs",
          "Floor",
          "Ceil",
          "Round",
          "Sign",
          "Exp",
          "Log",
          "Sqrt",
          "Relu",
          "Reciprocal",
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Min",
          "Max",
          "Clip",
          "Where",
          "Pow",
          "Mod",
          "BitwiseAnd",
          "BitwiseOr",
          "BitwiseNot",
          "Concat",
          "Sum",
          "ReduceMax",
          "ReduceMin",
          "QuantizeLinear",
          "DequantizeLinear",
          "MatMul",
          "Einsum",
          "ScatterND",
          "ScatterElements");

  /** These have the values of their first operand. */
  private static final Set<String> LAYOUT =
      Set.of(
          "Reshape",
          "Transpose",
          "Squeeze",
          "Unsqueeze",
          "Expand",
          "Slice",
          "Tile",
          "Pad",
          "Trilu",
          "Flatten",
          "Split",
          "Dropout",
          "GatherND",
          "GatherElements",
          "DynamicQuantizeLinear");

  private static final Set<String> SIZES =
      Set.of("Shape", "Size", "Range", "NonZero", "ArgMax", "ArgMin");

  /** What a tensor's values are; each kind includes those before it. */
  enum Kind {
    /** Few values: a mask, or a single number. */
    FLAGS,
    /** Lengths, positions, tables of the file. */
    NUMBERS,
    /** Token ids. */
    IDS,
    /** What follows from tokens otherwise than by comparing ids. */
    CONTENT;

    Kind or(Kind other) {
      return compareTo(other) >= 0 ? this : other;
    }
  }

  private final Graph graph;
  private final ConstantValues constants;
  private final Map<String, Kind> known = new HashMap<>();

  ValueKinds(Graph graph, ConstantValues constants, ModelInputs roles) {
    this.graph = graph;
    this.constants = constants;
    for (TensorSpec other : roles.others()) {
      boolean mask = other.name().toLowerCase(Locale.ROOT).contains("mask");
      known.put(other.name(), mask || other.type() == ElementType.BOOL ? Kind.FLAGS : kind(other));
    }
    for (TokenStream stream : roles.streams()) {
      known.put(stream.name(), stream.content().isFloat() ? Kind.CONTENT : Kind.IDS);
      put(stream.mask(), Kind.FLAGS);
      put(stream.positions(), Kind.NUMBERS);
      put(stream.tokenTypes(), Kind.NUMBERS);
    }
  }

  private static Kind kind(TensorSpec input) {
    return input.isFloat() ? Kind.CONTENT : Kind.NUMBERS;
  }

  private void put(@Nullable TensorSpec input, Kind kind) {
    if (input != null) {
      known.put(input.name(), kind);
    }
  }

  Kind of(String tensor) {
    Deque<String> todo = new ArrayDeque<>(List.of(tensor));
    Set<String> open = new HashSet<>();
    while (!todo.isEmpty()) {
      String here = todo.getFirst();
      NodeProto node = graph.producer(here);
      if (known.containsKey(here) || node == null || constants.isConstant(here)) {
        known.computeIfAbsent(here, this::ofConstant);
        todo.removeFirst();
        continue;
      }
      boolean first = open.add(here);
      List<String> needed =
          operands(node).stream().filter(o -> !o.isEmpty() && !known.containsKey(o)).toList();
      if (first && !needed.isEmpty()) {
        needed.stream().filter(o -> !open.contains(o)).forEach(todo::addFirst);
      } else {
        known.put(here, combine(node));
        todo.removeFirst();
      }
    }
    return known.getOrDefault(tensor, Kind.CONTENT);
  }

  /** The operands that decide; none where the operator does. */
  private List<String> operands(NodeProto node) {
    if (SIZES.contains(node.getOpType())) {
      return List.of();
    }
    if (graph.isProjection(node)) {
      return List.of(graph.activationOperand(node));
    }
    if (LAYOUT.contains(node.getOpType())) {
      return List.of(Graph.input(node, 0));
    }
    if (ELEMENTWISE.contains(node.getOpType())
        || TensorTypes.BOOLEAN.contains(node.getOpType())
        || node.getOpType().equals("Gather")) {
      return node.getInputList();
    }
    List<String> active = new ArrayList<>(graph.valueOperands(node));
    active.removeIf(operand -> !graph.isActivation(operand));
    return active;
  }

  private Kind combine(NodeProto node) {
    String operator = node.getOpType();
    if (operator.equals("ConstantOfShape")) {
      return Kind.FLAGS;
    }
    if (SIZES.contains(operator)) {
      return Kind.NUMBERS;
    }
    Kind worst = Kind.FLAGS;
    for (String operand : operands(node)) {
      if (!operand.isEmpty()) {
        worst = worst.or(known.getOrDefault(operand, Kind.CONTENT));
      }
    }
    if (TensorTypes.BOOLEAN.contains(operator)) {
      return worst == Kind.CONTENT ? Kind.CONTENT : Kind.FLAGS;
    }
    if (operator.equals("Gather")) {
      Kind table = known.getOrDefault(Graph.input(node, 0), Kind.CONTENT);
      Kind index = known.getOrDefault(Graph.input(node, 1), Kind.CONTENT);
      return index.compareTo(Kind.IDS) >= 0 && table != Kind.FLAGS ? Kind.CONTENT : table;
    }
    boolean sameValues = LAYOUT.contains(operator) || ELEMENTWISE.contains(operator);
    if (sameValues && !graph.isProjection(node)) {
      return worst;
    }
    return worst.compareTo(Kind.IDS) >= 0 ? Kind.CONTENT : Kind.NUMBERS;
  }

  private Kind ofConstant(String tensor) {
    if (!constants.isConstant(tensor)) {
      return Kind.CONTENT; // an input of an unknown kind, or nothing at all
    }
    Set<Double> different = new TreeSet<>();
    boolean few =
        constants.all(
            tensor, value -> !different.add(value + 0.0) || different.size() <= MOST_VALUES);
    boolean flags = different.stream().allMatch(v -> v == 0 || v == 1 || v <= -1);
    return few && (flags || different.size() == 1) ? Kind.FLAGS : Kind.NUMBERS;
  }
}
