package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.inventory.TensorSpec;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The main graph of a model, indexed for walking: who makes a tensor, who reads it, and whether it
 * depends on what the model is fed ("activation") or is fixed in the file.
 *
 * <p>A walk here never recurses and never visits a tensor twice, so a hostile graph (a cycle, a
 * chain of a million nodes) costs time proportional to its size and no stack. Bodies of If, Loop
 * and Scan are not part of it; what they read counts as operands of the node that has them.
 */
public final class Graph {
  /** More than the tokens of any batch would leave room for. */
  private static final int MOST_HEADS = 1 << 20;

  private static final Set<String> PRODUCTS =
      Set.of(
          "MatMul",
          "Gemm",
          "Einsum",
          "MatMulInteger",
          "QLinearMatMul",
          "FusedMatMul",
          "FusedGemm",
          "QGemm",
          "MatMulNBits",
          "MatMulIntegerToFloat",
          "DynamicQuantizeMatMul",
          "Conv");

  private final List<NodeProto> nodes;
  private final Map<String, Integer> producers = new HashMap<>();
  private final Map<String, List<Integer>> consumers = new HashMap<>();
  private final Map<String, TensorProto> initializers = new HashMap<>();
  private final Set<String> inputs = new HashSet<>();
  private final Set<String> activations = new HashSet<>();
  private final IdentityHashMap<NodeProto, List<String>> readByBodies = new IdentityHashMap<>();
  private final Set<String> alive = new HashSet<>();
  private final TensorTypes types;

  public Graph(GraphProto graph) {
    types = new TensorTypes(graph);
    nodes = graph.getNodeList();
    graph.getInitializerList().forEach(t -> initializers.put(t.getName(), t));
    graph.getInputList().stream()
        .map(i -> i.getName())
        .filter(name -> !initializers.containsKey(name))
        .forEach(inputs::add);
    activations.addAll(inputs);
    for (int n = 0; n < nodes.size(); n++) {
      NodeProto node = nodes.get(n);
      boolean active = false;
      for (int i = 0; i < node.getInputCount(); i++) {
        String input = node.getInput(i);
        consumers.computeIfAbsent(input, k -> new ArrayList<>()).add(n);
        active |= activations.contains(input) && !isShapeEdge(node, i);
      }
      List<String> inBodies = readByBodies(node);
      if (!inBodies.isEmpty()) {
        readByBodies.put(node, inBodies);
        active |= inBodies.stream().anyMatch(activations::contains);
      }
      for (String output : node.getOutputList()) {
        producers.putIfAbsent(output, n);
        if (active) {
          activations.add(output);
        }
      }
    }
    markAlive(graph.getOutputList().stream().map(output -> output.getName()).toList());
  }

  /** The tensors whose values an output depends on. */
  private void markAlive(List<String> outputs) {
    alive.addAll(outputs);
    Deque<String> todo = new ArrayDeque<>(outputs);
    while (!todo.isEmpty()) {
      NodeProto node = producer(todo.removeFirst());
      if (node != null) {
        valueOperands(node).stream().filter(alive::add).forEach(todo::addLast);
      }
    }
  }

  /** What the bodies of a node read, their own tensors included, however deep. */
  private static List<String> readByBodies(NodeProto node) {
    List<String> read = new ArrayList<>();
    Deque<NodeProto> todo = new ArrayDeque<>(List.of(node));
    while (!todo.isEmpty()) {
      for (GraphProto body : bodies(todo.removeFirst())) {
        for (NodeProto inner : body.getNodeList()) {
          read.addAll(inner.getInputList());
          todo.addLast(inner);
        }
        body.getOutputList().forEach(output -> read.add(output.getName()));
      }
    }
    return read;
  }

  /** The branches of an If, the body of a Loop or a Scan. */
  static List<GraphProto> bodies(NodeProto node) {
    List<GraphProto> bodies = new ArrayList<>();
    for (AttributeProto attribute : node.getAttributeList()) {
      bodies.addAll(attribute.getGraphsList());
      if (attribute.hasG()) {
        bodies.add(attribute.getG());
      }
    }
    return bodies;
  }

  /** The operands whose values a node uses, those of its bodies included. */
  List<String> valueOperands(NodeProto node) {
    List<String> operands = new ArrayList<>();
    for (int i = 0; i < node.getInputCount(); i++) {
      if (!isShapeEdge(node, i)) {
        operands.add(node.getInput(i));
      }
    }
    operands.addAll(readByBodies.getOrDefault(node, List.of()));
    return operands;
  }

  /** Returns the tensor that another is a mere copy of, by Identity or a Cast to its own type. */
  String uncast(String tensor) {
    String at = tensor;
    Set<String> seen = new HashSet<>(); // of a cycle
    while (seen.add(at)) {
      NodeProto node = producer(at);
      if (node == null || node.getInputCount() != 1) {
        return at;
      }
      String from = Graph.input(node, 0);
      boolean isCopy =
          node.getOpType().equals("Identity")
              || (node.getOpType().equals("Cast") && integer(node, "to", 0) == elementType(from));
      if (!isCopy) {
        return at;
      }
      at = from;
    }
    return at;
  }

  /** Whether an output of the graph depends on a tensor's values; always if it has no outputs. */
  boolean isAlive(String tensor) {
    return alive.isEmpty() || alive.contains(tensor);
  }

  public List<NodeProto> nodes() {
    return nodes;
  }

  /** What the graph must be fed, in the order of the file; older files list the weights as well. */
  public List<TensorSpec> fed(GraphProto graph) {
    return graph.getInputList().stream()
        .filter(i -> isInput(i.getName()))
        .map(OnnxTypes::spec)
        .toList();
  }

  public boolean isInput(String tensor) {
    return inputs.contains(tensor);
  }

  /** Whether the tensor's values change with what the model is fed. */
  boolean isActivation(String tensor) {
    return activations.contains(tensor);
  }

  public @Nullable NodeProto producer(String tensor) {
    Integer index = producers.get(tensor);
    return index == null ? null : nodes.get(index);
  }

  List<NodeProto> consumers(String tensor) {
    return consumers.getOrDefault(tensor, List.of()).stream().map(nodes::get).toList();
  }

  /** Returns the TensorProto.DataType of a tensor, as far as the file tells; else float32. */
  int elementType(String tensor) {
    return types.of(this, tensor);
  }

  /** A weight or constant of the file, from an initializer or a Constant node. */
  @Nullable TensorProto constant(String tensor) {
    TensorProto initializer = initializers.get(tensor);
    if (initializer != null) {
      return initializer;
    }
    NodeProto producer = producer(tensor);
    if (producer != null && producer.getOpType().equals("Constant")) {
      for (AttributeProto attribute : producer.getAttributeList()) {
        if (attribute.getName().equals("value")) {
          return attribute.getT();
        }
      }
    }
    return null;
  }

  /** The whole numbers of a constant; empty where the tensor is none. */
  List<Long> wholeNumbers(String tensor) {
    TensorProto constant = constant(tensor);
    if (constant == null || constant.getDataType() != TensorProto.DataType.INT64_VALUE) {
      return List.of();
    }
    if (constant.getInt64DataCount() > 0) {
      return constant.getInt64DataList();
    }
    LongBuffer raw =
        constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asLongBuffer();
    List<Long> numbers = new ArrayList<>();
    while (raw.hasRemaining()) {
      numbers.add(raw.get());
    }
    return numbers;
  }

  /** Whether a node has this operand, which may be left out. */
  boolean isGiven(NodeProto node, int input) {
    return !input(node, input).isEmpty();
  }

  public boolean usesOperator(String type) {
    return nodes.stream().anyMatch(n -> n.getOpType().equals(type));
  }

  /** Whether a node multiplies two tensors that both change with what the model is fed. */
  boolean isProductOfActivations(NodeProto node) {
    return PRODUCTS.contains(node.getOpType())
        && isActivation(input(node, 0))
        && isActivation(input(node, rightOperand(node)));
  }

  /** Whether a node multiplies such a tensor with weights. */
  boolean isProjection(NodeProto node) {
    return PRODUCTS.contains(node.getOpType())
        && isActivation(input(node, 0)) != isActivation(input(node, rightOperand(node)));
  }

  /** The operand of a projection that is not the weights. */
  String activationOperand(NodeProto projection) {
    String left = input(projection, 0);
    return isActivation(left) ? left : input(projection, rightOperand(projection));
  }

  /** The right operand of a product. */
  static int rightOperand(NodeProto node) {
    return switch (node.getOpType()) {
      case "QLinearMatMul" -> 3;
      case "QGemm" -> 3;
      default -> 1;
    };
  }

  /** Whether a node reads rows of a table of the file, by indices that the model is fed. */
  boolean isTableLookUp(NodeProto node) {
    return node.getOpType().equals("Gather")
        && !isActivation(input(node, 0))
        && isActivation(input(node, 1));
  }

  /** Returns a number of heads; 0 if it is not given, or cannot be one. */
  static int heads(NodeProto node, String attribute) {
    long heads = integer(node, attribute, 0);
    return heads < 1 || heads > MOST_HEADS ? 0 : (int) heads;
  }

  static long integer(NodeProto node, String attribute, long unlessGiven) {
    for (AttributeProto given : node.getAttributeList()) {
      if (given.getName().equals(attribute)) {
        return given.getI();
      }
    }
    return unlessGiven;
  }

  /** A list of whole numbers, empty where the node has none. */
  static List<Long> integers(NodeProto node, String attribute) {
    for (AttributeProto given : node.getAttributeList()) {
      if (given.getName().equals(attribute)) {
        return given.getIntsList();
      }
    }
    return List.of();
  }

  static String text(NodeProto node, String attribute) {
    for (AttributeProto given : node.getAttributeList()) {
      if (given.getName().equals(attribute)) {
        return given.getS().toStringUtf8();
      }
    }
    return "";
  }

  static long axisOf(NodeProto node, long unlessGiven) {
    return integer(node, "axis", unlessGiven);
  }

  /**
   * Whether a node reads only the shape of this operand, or uses its value only as a shape. What
   * arrives over such an edge can size a mask, but cannot mask anything.
   */
  public static boolean isShapeEdge(NodeProto node, int input) {
    return switch (node.getOpType()) {
      case "Shape", "Size", "ConstantOfShape" -> true;
      case "Expand", "Reshape", "Tile" -> input == 1;
      default -> false;
    };
  }

  /** An operand's tensor; the empty name, which no tensor has, where the node has fewer. */
  static String input(NodeProto node, int index) {
    return index < node.getInputCount() ? node.getInput(index) : "";
  }

  /**
   * What to call a node when talking to people: its name, or its first output where it has none.
   */
  public static String label(NodeProto node) {
    return node.getName().isEmpty() && node.getOutputCount() > 0
        ? node.getOutput(0)
        : node.getName();
  }
}
