package dev.sightline.repair.internal.graph;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Nodes for whole numbers and booleans that every opset from 11 on has. A node that is asked for
 * twice is written once: so the masks of several attentions share what they have in common.
 *
 * <p>Comparisons with "or equal" begin at opset 12 and the runtime's Where has no booleans, so all
 * rules are written with Less, Greater, Equal, Mod, And, Or and Not.
 */
public final class Nodes {
  private final GraphBuilder graph;
  private final long opset;
  private final Map<List<Object>, String> known = new HashMap<>();

  /**
   * Nodes of a graph.
   *
   * @param opset version of the standard operators, at least 11
   */
  public Nodes(GraphBuilder graph, long opset) {
    if (opset < 11) {
      throw new IllegalArgumentException(
          "a mask needs the operators Range and CumSum of opset 11, but the model has opset "
              + opset);
    }
    this.graph = graph;
    this.opset = opset;
  }

  /** The graph that the nodes are in. */
  public GraphBuilder graph() {
    return graph;
  }

  /** A node of one output. */
  public String op(String operator, String... inputs) {
    return once(key(operator, inputs), () -> graph.node(operator, inputs));
  }

  private String once(List<Object> key, Supplier<String> node) {
    String there = known.get(key);
    if (there == null) {
      there = node.get();
      known.put(key, there);
    }
    return there;
  }

  private static List<Object> key(String operator, Object[] rest, Object... more) {
    List<Object> key = new ArrayList<>(List.of(operator));
    key.addAll(Arrays.asList(rest));
    key.addAll(Arrays.asList(more));
    return key;
  }

  String and(String a, String b) {
    return op("And", a, b);
  }

  String or(String a, String b) {
    return op("Or", a, b);
  }

  String not(String a) {
    return op("Not", a);
  }

  /** Whether a is at most b. */
  String atMost(String a, String b) {
    return not(op("Greater", a, b));
  }

  /** The remainder that has the sign of the divisor, as of {@code Math.floorMod}. */
  String mod(String a, long divisor) {
    return op("Mod", a, number(divisor));
  }

  /** The largest multiple of a divisor that is not above a. */
  String floor(String a, long divisor) {
    return op("Sub", a, mod(a, divisor));
  }

  /** A single number that broadcasts against any tensor. */
  String number(long value) {
    return once(key("number", new Object[] {value}), () -> graph.longScalar(value));
  }

  /** A vector. */
  String vector(long... values) {
    return constant(ElementType.INT64, values, values.length);
  }

  /** A constant of whole numbers or booleans. */
  String constant(ElementType type, long[] values, long... dims) {
    List<Object> key = new ArrayList<>(List.of("constant", type));
    Arrays.stream(dims).forEach(key::add);
    key.add("of");
    Arrays.stream(values).forEach(key::add);
    return once(
        key,
        () -> {
          ByteBuffer raw =
              ByteBuffer.allocate(type.bytes() * values.length).order(ByteOrder.LITTLE_ENDIAN);
          for (long value : values) {
            if (type == ElementType.BOOL) {
              raw.put((byte) value);
            } else {
              raw.putLong(value);
            }
          }
          return graph.constant(graph.fresh("constant"), type, raw.flip(), dims);
        });
  }

  /** A boolean {@code [1, 1, 1, 1]}. */
  String bool(boolean value) {
    return constant(ElementType.BOOL, new long[] {value ? 1 : 0}, 1, 1, 1, 1);
  }

  /** Casts a tensor. */
  public String cast(String x, ElementType type) {
    return once(key("Cast", new Object[] {x, type}), () -> graph.cast(x, type));
  }

  /** Reshapes a tensor to parts of a shape, each a vector. */
  String reshape(String x, String... parts) {
    return op("Reshape", x, concat(0, parts));
  }

  String concat(int axis, String... parts) {
    return once(
        key("Concat", parts, axis), () -> graph.op("Concat", parts).with("axis", axis).out());
  }

  /** Takes what a vector of indices says along an axis. */
  String gather(String x, String indices, int axis) {
    return once(
        key("Gather", new Object[] {x, indices}, axis),
        () -> graph.op("Gather", x, indices).with("axis", axis).out());
  }

  /**
   * A constant that a run refuses where an axis should have another length. The runtime takes a
   * Reshape to an unknown length for one to whatever length there is, so the indices of a Gather
   * are moved out of range instead.
   *
   * @param length the length of the axis
   * @param count the length that it must have, a scalar
   * @param unit what the axis counts, for the name of the node, which is in the runtime's message
   */
  String exactly(String constant, int axis, int length, String count, String unit) {
    String off = op("Sub", count, number(length));
    String beyond = op("Mul", op("Mul", off, off), number(length));
    String indices = op("Add", range(count), beyond);
    return once(
        key("Gather", new Object[] {constant, indices}, axis, "exactly"),
        () ->
            graph
                .op("Gather", constant, indices)
                .with("axis", axis)
                .named(graph.fresh("needs_" + length + "_" + unit))
                .out());
  }

  /** The elements along axis 1 from the first inclusive to the last exclusive. */
  String slice(String x, long from, long to) {
    return op("Slice", x, vector(from), vector(to), vector(1));
  }

  /** The length of an axis as a single number. */
  public String size(String x, long axis) {
    return gather(op("Shape", x), number(axis), 0);
  }

  /** The numbers from 0 on, as many as a single number says. */
  String range(String count) {
    return op("Range", number(0), count, number(1));
  }

  /** The running sum along axis 1. */
  String runningSum(String x) {
    return op("CumSum", x, number(1));
  }

  /** The sum along axis 1, which stays with length 1. */
  String sum(String x) {
    return opset < 13
        ? once(
            key("ReduceSum", new Object[] {x}),
            () -> graph.op("ReduceSum", x).withAll("axes", 1).out())
        : op("ReduceSum", x, vector(1));
  }

  /** As many elements of axis 1 of the one as the other has, at the indices of another. */
  String gatherElements(String x, String indices) {
    return once(
        key("GatherElements", new Object[] {x, indices}),
        () -> graph.op("GatherElements", x, indices).with("axis", 1).out());
  }

  /** A tensor with other elements at indices of axis 1. */
  String scatterElements(String x, String indices, String updates) {
    return once(
        key("ScatterElements", new Object[] {x, indices, updates}),
        () -> graph.op("ScatterElements", x, indices, updates).with("axis", 1).out());
  }

  /** A tensor of whole numbers with a number added to each. */
  public String shifted(String x, long by) {
    return op("Add", x, number(by));
  }

  /**
   * The number of each true element of a row among the true ones, from 0 on; a false one has that
   * of the true one before it, at least 0.
   *
   * @param flags bool {@code [B, K]}
   * @param last how many of the last columns are asked for, a single number
   */
  public String numbersOfTrue(String flags, String last) {
    String counted = shifted(runningSum(cast(flags, ElementType.INT64)), -1);
    return lastColumns(op("Where", op("Less", counted, number(0)), number(0), counted), last);
  }

  /** The last columns of {@code [B, K]}, as many as a single number says. */
  public String lastColumns(String x, String count) {
    String end = op("Reshape", size(x, 1), vector(1));
    String start = op("Sub", end, op("Reshape", count, vector(1)));
    return op("Slice", x, start, end, vector(1));
  }

  /** The numbers of the slots of each row, {@code [B, S]}. */
  public String slots(String rows, String width) {
    String one = vector(1);
    String shape = concat(0, op("Reshape", rows, one), op("Reshape", width, one));
    return op("Expand", range(width), shape);
  }
}
