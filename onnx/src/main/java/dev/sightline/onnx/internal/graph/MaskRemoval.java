package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto.DataType;
import dev.sightline.onnx.internal.graph.ValueKinds.Kind;
import dev.sightline.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes the mask out of what is added to scores, and leaves the bias. Where both are the operands
 * of an Add the mask is dropped; where they are one tensor, what is as low as a fill becomes 0.
 */
final class MaskRemoval {
  /**
   * An addend of this or less forbids. ALiBi's steepest slope is below 1, so its bias is not as low
   * in a text of some thousand tokens, and the weakest fill in use is -1e4.
   */
  private static final double FILL = -9000;

  /** A constant as low as this may be a fill before it is scaled. */
  private static final double PERHAPS_FILL = -500;

  /** A longer chain of additions is none of an attention. */
  private static final int DEEPEST = 200;

  private static final Set<String> LAYOUT =
      Set.of(
          "Cast",
          "Identity",
          "Unsqueeze",
          "Squeeze",
          "Expand",
          "Reshape",
          "Transpose",
          "Slice",
          "QuantizeLinear",
          "DequantizeLinear");

  /** What gives one number for one number. */
  private static final Set<String> OF_SINGLE =
      Set.of(
          "Cast",
          "Identity",
          "Sqrt",
          "Reciprocal",
          "Neg",
          "Add",
          "Sub",
          "Mul",
          "Div",
          "Pow",
          "Reshape",
          "Expand",
          "QuantizeLinear",
          "DequantizeLinear");

  private final Graph graph;
  private final GraphEdit edit;
  private final ConstantValues constants;
  private final ValueKinds kinds;
  private final long opset;
  private final Map<Addend, Optional<String>> known = new HashMap<>();
  private int next;

  MaskRemoval(Graph graph, GraphEdit edit, ConstantValues constants, ValueKinds kinds, long opset) {
    this.graph = graph;
    this.edit = edit;
    this.constants = constants;
    this.kinds = kinds;
    this.opset = opset;
  }

  private record Addend(String tensor, boolean keepsShape) {}

  /** Whether a tensor is a mask alone; a single number is none. */
  boolean isMask(String tensor) {
    return kinds.of(tensor) == Kind.FLAGS && !isSingle(tensor);
  }

  /** Whether a tensor is one number, or equal ones, computed from constants alone. */
  private boolean isSingle(String tensor) {
    Set<String> seen = new HashSet<>(Set.of(tensor));
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      String here = todo.removeFirst();
      NodeProto node = graph.producer(here);
      Set<Double> different = new HashSet<>();
      if (constants.isConstant(here)) {
        if (!constants.all(here, v -> !different.add(v) || different.size() < 2)) {
          return false;
        }
      } else if (node == null || !OF_SINGLE.contains(node.getOpType())) {
        return false;
      } else {
        for (int i = 0; i < node.getInputCount(); i++) {
          if (!Graph.isShapeEdge(node, i) && seen.add(node.getInput(i))) {
            todo.addLast(node.getInput(i));
          }
        }
      }
    }
    return true;
  }

  /**
   * What remains of an addend without its mask; the tensor itself if it has none.
   *
   * @return empty if nothing remains
   */
  Optional<String> withoutMask(String addend) {
    return withoutMask(addend, false, 0);
  }

  private Optional<String> withoutMask(String tensor, boolean keepsShape, int depth) {
    Addend key = new Addend(tensor, keepsShape);
    Optional<String> done = known.get(key);
    if (done == null) {
      done = remaining(tensor, keepsShape, depth);
      known.put(key, done);
    }
    return done;
  }

  private Optional<String> remaining(String tensor, boolean keepsShape, int depth) {
    Kind kind = kinds.of(tensor);
    if (kind == Kind.FLAGS) {
      return isSingle(tensor)
          ? Optional.of(tensor)
          : keepsShape ? Optional.of(zerosLike(tensor)) : Optional.empty();
    }
    NodeProto node = graph.producer(tensor);
    if (node == null || depth > DEEPEST) {
      return Optional.of(leaf(tensor, kind));
    }
    return switch (node.getOpType()) {
      case "Add", "Sub" -> ofSum(tensor, node, keepsShape, depth + 1);
      case "Where" -> ofChoice(tensor, node, keepsShape, depth + 1);
      case "Mul", "Div" -> Optional.of(ofProduct(tensor, node, depth + 1));
      default -> {
        if (!LAYOUT.contains(node.getOpType())) {
          yield Optional.of(leaf(tensor, kind));
        }
        String[] inputs = node.getInputList().toArray(String[]::new);
        inputs[0] = withoutMask(inputs[0], true, depth + 1).orElseThrow();
        yield Optional.of(changed(tensor, node, inputs));
      }
    };
  }

  private Optional<String> ofSum(String tensor, NodeProto node, boolean keepsShape, int depth) {
    String first = Graph.input(node, 0);
    String second = Graph.input(node, 1);
    Kind kind = kinds.of(tensor);
    if (kind == Kind.CONTENT && isOfWeights(first, second)) {
      return Optional.of(tensor);
    }
    Optional<String> left = withoutMask(first, keepsShape, depth);
    Optional<String> right = withoutMask(second, keepsShape, depth);
    if (right.isEmpty()) {
      return left;
    }
    if (left.isEmpty()) {
      return node.getOpType().equals("Add") ? right : Optional.of(leaf(tensor, kind));
    }
    return Optional.of(changed(tensor, node, left.get(), right.get()));
  }

  /** A bias where keys are allowed, and a fill where they are not. */
  private Optional<String> ofChoice(String tensor, NodeProto node, boolean keepsShape, int depth) {
    String condition = Graph.input(node, 0);
    String first = Graph.input(node, 1);
    String second = Graph.input(node, 2);
    boolean fills = kinds.of(first) == Kind.FLAGS;
    if (kinds.of(condition) == Kind.CONTENT || fills == (kinds.of(second) == Kind.FLAGS)) {
      return Optional.of(leaf(tensor, kinds.of(tensor)));
    }
    String bias = withoutMask(fills ? second : first, true, depth).orElseThrow();
    return Optional.of(keepsShape ? changed(tensor, node, condition, bias, bias) : bias);
  }

  /** A bias with a scale. */
  private String ofProduct(String tensor, NodeProto node, int depth) {
    String first = Graph.input(node, 0);
    String second = Graph.input(node, 1);
    if (isSingle(second)) {
      return changed(tensor, node, withoutMask(first, true, depth).orElseThrow(), second);
    }
    if (node.getOpType().equals("Mul") && isSingle(first)) {
      return changed(tensor, node, first, withoutMask(second, true, depth).orElseThrow());
    }
    return leaf(tensor, kinds.of(tensor));
  }

  /** The bias of a projection is an addend of content, but no mask. */
  private boolean isOfWeights(String left, String right) {
    return constants.isConstant(left) || constants.isConstant(right);
  }

  private String changed(String tensor, NodeProto node, String... inputs) {
    if (node.getInputList().equals(List.of(inputs))) {
      return tensor;
    }
    GraphBuilder added = builder();
    GraphBuilder.Op copy = added.op(node.getOpType(), inputs).of(node.getDomain());
    node.getAttributeList().forEach(copy::with);
    edit.add(added.graph());
    return copy.out();
  }

  private String leaf(String tensor, Kind kind) {
    if (kind.compareTo(Kind.IDS) >= 0 || !mayHoldFill(tensor)) {
      return tensor;
    }
    GraphBuilder added = builder();
    int type = graph.elementType(tensor);
    String limit = number(added, type, FILL);
    String zero = number(added, type, 0);
    String fill =
        opset < 12
            ? added.node("Not", added.node("Greater", tensor, limit))
            : added.node("LessOrEqual", tensor, limit);
    String bias = added.node("Where", fill, zero, tensor);
    edit.add(added.graph());
    return bias;
  }

  /** Whether a number as low as a fill is among those that a bias is computed from. */
  private boolean mayHoldFill(String tensor) {
    Set<String> seen = new HashSet<>(Set.of(tensor));
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      String here = todo.removeFirst();
      if (constants.isConstant(here)) {
        boolean isFloat = isFloat(graph.elementType(here));
        if (isFloat && !constants.all(here, value -> value > PERHAPS_FILL)) {
          return true;
        }
        continue;
      }
      NodeProto node = graph.producer(here);
      if (node != null && kinds.of(here).compareTo(Kind.IDS) < 0) {
        if (node.getOpType().equals("ConstantOfShape") && isLow(node)) {
          return true;
        }
        graph.valueOperands(node).stream()
            .filter(o -> !o.isEmpty() && seen.add(o))
            .forEach(todo::addLast);
      }
    }
    return false;
  }

  private static boolean isLow(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      if (attribute.hasT() && isFloat(attribute.getT().getDataType())) {
        return true;
      }
    }
    return false;
  }

  private static boolean isFloat(int type) {
    return switch (type) {
      case DataType.FLOAT_VALUE,
          DataType.FLOAT16_VALUE,
          DataType.BFLOAT16_VALUE,
          DataType.DOUBLE_VALUE ->
          true;
      default -> false;
    };
  }

  private String zerosLike(String tensor) {
    GraphBuilder added = builder();
    String zeros = MaskPoint.zeros(added, tensor, graph.elementType(tensor));
    edit.add(added.graph());
    return zeros;
  }

  private GraphBuilder builder() {
    return edit.builder("bias." + next++);
  }

  /** The lowest finite value of a floating-point type. */
  static double lowest(int type) {
    return switch (type) {
      case DataType.FLOAT16_VALUE -> -65504;
      case DataType.BFLOAT16_VALUE -> Float.intBitsToFloat(0xFF7F0000);
      case DataType.DOUBLE_VALUE -> -Double.MAX_VALUE;
      default -> -Float.MAX_VALUE;
    };
  }

  /** Adds a single number of a floating-point type, rounded towards 0. */
  static String number(GraphBuilder added, int type, double value) {
    ElementType element = OnnxTypes.elementType(type);
    if (element == null || !isFloat(type)) {
      throw new IllegalArgumentException("scores of type " + type + "; expected floats");
    }
    ByteBuffer raw = ByteBuffer.allocate(element.bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (element) {
      case FLOAT16 -> raw.putShort(Float.floatToFloat16((float) value));
      case BFLOAT16 -> raw.putShort((short) (Float.floatToRawIntBits((float) value) >> 16));
      case FLOAT64 -> raw.putDouble(value);
      default -> raw.putFloat((float) value);
    }
    return added.constant(added.fresh("constant"), element, raw.flip());
  }
}
