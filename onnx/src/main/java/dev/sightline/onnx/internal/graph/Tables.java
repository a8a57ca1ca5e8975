package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.IntStream;

/** What the tables of a graph say about the numbers that look them up: how many ids, positions. */
public final class Tables {
  private static final Set<String> KEEPS_VALUES =
      Set.of("Reshape", "Cast", "Identity", "Unsqueeze", "Squeeze", "Flatten", "Transpose");

  private static final Set<String> ARITHMETIC =
      Set.of(
          "Add", "Sub", "Mul", "Where", "Clip", "Min", "Max", "Mod", "Slice", "Concat", "Expand",
          "Pad");

  /** ONNX Runtime's fusion of all embeddings: ids, segments, then their tables. */
  private static final String EMBEDDINGS = "EmbedLayerNormalization";

  private static final int EMBEDDINGS_WORDS = 2;
  private static final int EMBEDDINGS_POSITIONS = 3;

  private final Graph graph;

  public Tables(Graph graph) {
    this.graph = graph;
  }

  /** The rows of the smallest table that an input looks up: the vocabulary for token ids. */
  public OptionalInt rowsLookedUpBy(String input) {
    return rowsLookedUp(sameValues(input));
  }

  /**
   * The rows of the largest table that an input looks up after arithmetic, such as a product with
   * the mask, a choice between it and padding, or a limit. What is added to it or multiplied with
   * is taken to leave it below the rows; what an offset takes away is taken off.
   */
  public OptionalInt rowsComputedFrom(String input) {
    Set<String> values = new HashSet<>(Set.of(input));
    long offset = 0;
    for (NodeProto node : graph.nodes()) { // in topological order, as the format demands
      List<String> operands =
          node.getOpType().equals("Where")
              ? List.of(Graph.input(node, 1), Graph.input(node, 2))
              : node.getInputList();
      String operator = node.getOpType();
      boolean carries =
          KEEPS_VALUES.contains(operator)
              ? values.contains(Graph.input(node, 0))
              : ARITHMETIC.contains(operator) && operands.stream().anyMatch(values::contains);
      if (carries) {
        values.addAll(node.getOutputList());
        offset += operator.equals("Add") ? Math.max(0, addedTo(node)) : 0;
      }
    }
    // Zeros for token types are made of ids too, as ids times 0.
    OptionalInt rows = allRowsLookedUp(values).max();
    int least = (int) Math.min(Integer.MAX_VALUE, offset);
    return rows.isPresent() && rows.getAsInt() > least
        ? OptionalInt.of(rows.getAsInt() - least)
        : rows;
  }

  /** The number that an addition adds; 0 if it is no constant. */
  private long addedTo(NodeProto add) {
    for (String operand : add.getInputList()) {
      TensorProto constant = graph.constant(operand);
      if (constant != null && scalar(constant).isPresent()) {
        return scalar(constant).getAsLong();
      }
    }
    return 0;
  }

  private OptionalInt rowsLookedUp(Set<String> sameValues) {
    return allRowsLookedUp(sameValues).min();
  }

  private IntStream allRowsLookedUp(Set<String> sameValues) {
    IntStream.Builder rows = IntStream.builder();
    for (NodeProto node : graph.nodes()) {
      if (isLookUp(node) && sameValues.contains(Graph.input(node, 1))) {
        rowsOf(Graph.input(node, 0)).ifPresent(rows::add);
      } else if (node.getOpType().equals(EMBEDDINGS) && sameValues.contains(Graph.input(node, 0))) {
        rowsOf(Graph.input(node, EMBEDDINGS_WORDS)).ifPresent(rows::add);
      }
    }
    return rows.build();
  }

  private Set<String> sameValues(String input) {
    Set<String> sameValues = new HashSet<>(Set.of(input));
    for (NodeProto node : graph.nodes()) { // in topological order, as the format demands
      if (KEEPS_VALUES.contains(node.getOpType()) && sameValues.contains(Graph.input(node, 0))) {
        sameValues.addAll(node.getOutputList());
      }
    }
    return sameValues;
  }

  /**
   * How many positions a model has: the rows of a table that is looked up by position (a slice of
   * 0, 1, 2, ... as long as the input, which no fed value reaches), or by a count of the tokens,
   * which begins after the rows for padding. A table of distances, looked up by one position minus
   * another, ends at none. Empty for models without one, such as those with rotary positions.
   */
  public OptionalInt positions() {
    IntStream.Builder rows = IntStream.builder();
    for (NodeProto node : graph.nodes()) {
      if (node.getOpType().equals(EMBEDDINGS)) {
        rowsOf(Graph.input(node, EMBEDDINGS_POSITIONS)).ifPresent(rows::add);
        continue;
      }
      String index = Graph.input(node, 1);
      if (!isLookUp(node) || graph.constant(index) != null) {
        continue;
      }
      Set<String> madeBy = operatorsBefore(index);
      if (!variesAlongSequence(index)) {
        continue;
      }
      // By values: a count of tokens whose shape alone is read says how long something is.
      if (nodesBefore(index, true).stream().anyMatch(made -> made.getOpType().equals("CumSum"))) {
        rowsOf(Graph.input(node, 0)).ifPresent(all -> rows.add(Math.max(1, all - 2)));
      } else if (!graph.isActivation(index)
          && madeBy.contains("Shape")
          && !madeBy.contains("Abs")
          && !madeBy.contains("Neg")
          && !madeBy.contains("Log")
          && !subtractsPositions(index)) {
        rowsOf(Graph.input(node, 0)).ifPresent(rows::add);
      }
    }
    return rows.build().min();
  }

  /**
   * Whether an index counts something. The token types of a model that takes none are a stretch of
   * zeros as long as the text: their table, of one or two rows, bounds nothing.
   */
  private boolean variesAlongSequence(String index) {
    List<String> tensors = new ArrayList<>(List.of(index));
    for (NodeProto node : nodesBefore(index, true)) {
      if (Set.of("Range", "CumSum", "NonZero").contains(node.getOpType())) {
        return true;
      }
      tensors.addAll(valuesOf(node));
    }
    return tensors.stream()
        .map(graph::constant)
        .anyMatch(constant -> constant != null && counts(constant));
  }

  /** Whether a constant holds 0, 1, 2 and so on: the positions that older exporters keep. */
  private static boolean counts(TensorProto constant) {
    long[] values = integers(constant);
    for (int i = 0; i < values.length; i++) {
      if (values[i] != values[0] + i) {
        return false;
      }
    }
    return values.length > 2;
  }

  /** The whole numbers of a constant; none if it holds others. */
  private static long[] integers(TensorProto constant) {
    if (constant.getInt64DataCount() > 0) {
      return constant.getInt64DataList().stream().mapToLong(Long::longValue).toArray();
    }
    if (constant.getInt32DataCount() > 0) {
      return constant.getInt32DataList().stream().mapToLong(Integer::longValue).toArray();
    }
    ByteBuffer raw = constant.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return switch (constant.getDataType()) {
      case TensorProto.DataType.INT64_VALUE -> {
        long[] values = new long[raw.remaining() / Long.BYTES];
        raw.asLongBuffer().get(values);
        yield values;
      }
      case TensorProto.DataType.INT32_VALUE -> {
        int[] values = new int[raw.remaining() / Integer.BYTES];
        raw.asIntBuffer().get(values);
        yield Arrays.stream(values).asLongStream().toArray();
      }
      default -> new long[0];
    };
  }

  /** The id of padding, if the graph compares its ids with one constant. */
  public OptionalLong padId(String ids) {
    Set<String> sameValues = sameValues(ids);
    Set<Long> compared = new HashSet<>();
    for (NodeProto node : graph.nodes()) {
      if (!node.getOpType().equals("Equal")) {
        continue;
      }
      for (int i = 0; i < 2; i++) {
        TensorProto constant = graph.constant(Graph.input(node, 1 - i));
        if (sameValues.contains(Graph.input(node, i)) && constant != null) {
          scalar(constant).ifPresent(compared::add);
        }
      }
    }
    return compared.size() == 1
        ? OptionalLong.of(compared.iterator().next())
        : OptionalLong.empty();
  }

  /**
   * The id of a text's end, if the graph looks for the first position that holds it: the comparison
   * with its ids is handed on as it is to an ArgMax. What is negated or moved by one there looks
   * for the first position of padding instead.
   */
  public OptionalLong endId(String ids) {
    Set<String> sameValues = sameValues(ids);
    Set<Long> ends = new HashSet<>();
    for (NodeProto node : graph.nodes()) {
      for (int i = 0; i < 2 && node.getOpType().equals("Equal"); i++) {
        TensorProto constant = graph.constant(Graph.input(node, 1 - i));
        if (sameValues.contains(Graph.input(node, i)) && constant != null && isSought(node)) {
          scalar(constant).ifPresent(ends::add);
        }
      }
    }
    return ends.size() == 1 ? OptionalLong.of(ends.iterator().next()) : OptionalLong.empty();
  }

  private boolean isSought(NodeProto comparison) {
    List<NodeProto> todo = new ArrayList<>(graph.consumers(comparison.getOutput(0)));
    while (!todo.isEmpty()) {
      NodeProto node = todo.removeLast();
      if (node.getOpType().equals("ArgMax")) {
        return graph.consumers(node.getOutput(0)).stream()
            .noneMatch(next ->
                Set.of("Sub", "Add").contains(next.getOpType())
                    && next.getInputList().stream().anyMatch(in -> graph.constant(in) != null));
      }
      if (Set.of("Cast", "Identity").contains(node.getOpType())) {
        todo.addAll(graph.consumers(node.getOutput(0)));
      }
    }
    return false;
  }

  private static OptionalLong scalar(TensorProto constant) {
    long[] values = integers(constant);
    return values.length == 1 ? OptionalLong.of(values[0]) : OptionalLong.empty();
  }

  private static boolean isLookUp(NodeProto node) {
    return node.getOpType().equals("Gather") && Graph.axisOf(node, 0) == 0;
  }

  /** Whether one vector of positions is subtracted from another, as distances are made. */
  private boolean subtractsPositions(String index) {
    for (NodeProto node : nodesBefore(index)) {
      if (node.getOpType().equals("Sub")
          && graph.constant(Graph.input(node, 0)) == null
          && graph.constant(Graph.input(node, 1)) == null
          && operatorsBefore(Graph.input(node, 0)).contains("Range")
          && operatorsBefore(Graph.input(node, 1)).contains("Range")) {
        return true;
      }
    }
    return false;
  }

  private Set<String> operatorsBefore(String tensor) {
    Set<String> operators = new HashSet<>();
    nodesBefore(tensor).forEach(node -> operators.add(node.getOpType()));
    return operators;
  }

  private List<NodeProto> nodesBefore(String tensor) {
    return nodesBefore(tensor, false);
  }

  /** The operands that a node's values are made of: not those that say how many, or where. */
  private List<String> valuesOf(NodeProto node) {
    return node.getOpType().startsWith("Gather") || node.getOpType().equals("Slice")
        ? List.of(Graph.input(node, 0))
        : graph.valueOperands(node);
  }

  private List<NodeProto> nodesBefore(String tensor, boolean valuesOnly) {
    Set<String> seen = new HashSet<>(Set.of(tensor));
    List<String> todo = new ArrayList<>(seen);
    List<NodeProto> nodes = new ArrayList<>();
    while (!todo.isEmpty()) {
      NodeProto node = graph.producer(todo.removeLast());
      if (node != null) {
        nodes.add(node);
        (valuesOnly ? valuesOf(node) : node.getInputList())
            .stream().filter(seen::add).forEach(todo::add);
      }
    }
    return nodes;
  }

  /** Rows of the matrix that a tensor is made from by the casts and scales of quantised weights. */
  private OptionalInt rowsOf(String tensor) {
    Set<String> seen = new HashSet<>();
    String current = tensor;
    while (seen.add(current)) {
      TensorProto table = graph.constant(current);
      if (table != null) {
        long rows = table.getDimsCount() == 2 ? table.getDims(0) : 0;
        return rows > 0 && rows <= Integer.MAX_VALUE
            ? OptionalInt.of((int) rows)
            : OptionalInt.empty();
      }
      NodeProto producer = graph.producer(current);
      if (producer == null
          || !Set.of("DequantizeLinear", "Cast", "Identity", "Mul")
              .contains(producer.getOpType())) {
        return OptionalInt.empty();
      }
      current = Graph.input(producer, 0);
    }
    return OptionalInt.empty();
  }
}
