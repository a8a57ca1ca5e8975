package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.tensor.ElementType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Gives tokens other positions than the numbers of their slots.
 *
 * <p>What follows from the length of a row alone and meets what follows from its tokens is a
 * candidate: the rows of a position table, cosines and sines of rotary positions. Which of them are
 * positions only a run can tell, by their values. Then there are two ways: {@link #number} lets the
 * nodes from the slot numbers on read others, and {@link #takeRows} takes the rows of the result in
 * another order, which needs no knowledge of how they were made.
 */
public final class PositionEdit {
  /** Where positions are added to tokens, or tokens are turned by them. */
  private static final Set<String> MEETINGS =
      Set.of(
          "Add",
          "Sub",
          "Mul",
          "Concat",
          "SkipLayerNormalization",
          "SkipSimplifiedLayerNormalization",
          "RotaryEmbedding");

  private static final int EMBEDDING_POSITIONS = 8;

  private final Graph graph;
  private final GraphEdit edit;
  private int next;

  /** What follows from lengths alone, in the order of the graph. */
  private final Set<String> lengthsOnly = new LinkedHashSet<>();

  PositionEdit(Graph graph, GraphEdit edit) {
    this.graph = graph;
    this.edit = edit;
    for (NodeProto node : graph.nodes()) {
      boolean ofLengths =
          node.getOpType().equals("Shape")
              || node.getOpType().equals("Size")
              || node.getInputList().stream().anyMatch(lengthsOnly::contains);
      if (ofLengths) {
        node.getOutputList().stream()
            .filter(output -> !output.isEmpty() && !graph.isActivation(output))
            .forEach(lengthsOnly::add);
      }
    }
  }

  /**
   * Tensors that may be positions and meet tokens, each with what they make together.
   *
   * @return the tensor to the first output of a node that reads it
   */
  public Map<String, String> candidates() {
    Map<String, String> candidates = new LinkedHashMap<>();
    for (NodeProto node : graph.nodes()) {
      if (MEETINGS.contains(node.getOpType())
          && node.getOutputCount() > 0
          && graph.isActivation(node.getOutput(0))) {
        node.getInputList().stream()
            .filter(lengthsOnly::contains)
            .forEach(tensor -> candidates.putIfAbsent(tensor, node.getOutput(0)));
      }
    }
    return Collections.unmodifiableMap(candidates);
  }

  /** What a candidate is computed from, itself included, the nearest first. */
  public List<String> origins(String candidate) {
    Set<String> seen = new LinkedHashSet<>(List.of(candidate));
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      NodeProto node = graph.producer(todo.removeFirst());
      if (node != null) {
        graph.valueOperands(node).stream()
            .filter(lengthsOnly::contains)
            .filter(seen::add)
            .forEach(todo::addLast);
      }
    }
    return List.copyOf(seen);
  }

  /** The node that a person looks for: the first that reads a candidate. */
  public String label(String candidate) {
    return meetings(candidate).stream().findFirst().map(Graph::label).orElse(candidate);
  }

  /** The element type of a tensor; int64 if it is none of ours. */
  public ElementType elementType(String tensor) {
    ElementType type = OnnxTypes.elementType(graph.elementType(tensor));
    return type == null ? ElementType.INT64 : type;
  }

  /** Operators that make positions themselves, as far as they can be told others. */
  public List<String> fusedEmbeddings() {
    return graph.nodes().stream()
        .filter(node -> node.getOpType().equals("EmbedLayerNormalization"))
        .filter(node -> !graph.isGiven(node, EMBEDDING_POSITIONS))
        .map(Graph::label)
        .toList();
  }

  /**
   * Gives the operators of {@link #fusedEmbeddings} positions.
   *
   * @param positions int32 {@code [B, S]}
   */
  public void giveEmbeddings(String positions) {
    for (NodeProto node : graph.nodes()) {
      if (node.getOpType().equals("EmbedLayerNormalization")
          && !graph.isGiven(node, EMBEDDING_POSITIONS)) {
        edit.setInput(edit.producer(node.getOutput(0)), EMBEDDING_POSITIONS, positions);
      }
    }
  }

  private List<NodeProto> meetings(String candidate) {
    return graph.consumers(candidate).stream()
        .filter(node -> MEETINGS.contains(node.getOpType()))
        .filter(node -> node.getOutputCount() > 0 && graph.isActivation(node.getOutput(0)))
        .toList();
  }

  /**
   * Whether slot numbers can be replaced for some candidates alone: nothing else, such as a causal
   * mask, reads what is between them.
   */
  public boolean leadsOnlyTo(String slots, Set<String> candidates) {
    Set<String> between = between(slots, candidates);
    for (String tensor : between) {
      for (NodeProto node : graph.consumers(tensor)) {
        boolean meets = candidates.contains(tensor) && meetings(tensor).contains(node);
        boolean leads = node.getOutputList().stream().anyMatch(between::contains);
        boolean readsValues = graph.valueOperands(node).contains(tensor);
        boolean matters = node.getOutputList().stream().anyMatch(graph::isAlive);
        if (!meets && !leads && readsValues && matters) {
          return false;
        }
      }
    }
    return true;
  }

  /** What is computed from slot numbers on the way to candidates. */
  private Set<String> between(String slots, Set<String> candidates) {
    Set<String> needed = new HashSet<>();
    candidates.forEach(candidate -> needed.addAll(origins(candidate)));
    Set<String> reached = new HashSet<>(Set.of(slots));
    Set<String> between = new HashSet<>();
    if (candidates.contains(slots)) {
      between.add(slots);
    }
    for (NodeProto node : graph.nodes()) {
      if (graph.valueOperands(node).stream().anyMatch(reached::contains)) {
        for (String output : node.getOutputList()) {
          if (needed.contains(output)) {
            reached.add(output);
            between.add(output);
          }
        }
      }
    }
    return between;
  }

  /**
   * Lets the nodes on the way from slot numbers to candidates read other numbers.
   *
   * @param positions {@code [B, S]}, of the type of the slot numbers
   */
  public void number(String slots, Set<String> candidates, String positions) {
    Set<String> between = between(slots, candidates);
    for (NodeProto node : graph.consumers(slots)) {
      boolean leads = node.getOutputList().stream().anyMatch(between::contains);
      boolean meets = candidates.contains(slots) && meetings(slots).contains(node);
      if (leads || meets) {
        setInputs(node, slots, positions);
      }
    }
    between.forEach(edit::forgetShape);
  }

  /**
   * Takes the rows of a candidate by other numbers.
   *
   * @param rank how many axes the candidate has
   * @param axis which of them counts tokens
   * @param resultRank how many axes the result of the node has that reads it
   * @param positions {@code [B, S]}, int64
   */
  public void takeRows(String candidate, int rank, int axis, int resultRank, String positions) {
    GraphBuilder added = edit.builder("positions." + next++);
    String table = candidate;
    int at = axis;
    int axes = rank;
    if (rank == resultRank) {
      // All rows of the batch have the same positions so far.
      table = added.op("Gather", table, added.longScalar(0)).with("axis", 0).out();
      at--;
      axes--;
    }
    while (axes < resultRank - 1) {
      String shape = added.concat(0, added.longs(1), added.node("Shape", table));
      table = added.node("Reshape", table, shape);
      at++;
      axes++;
    }
    List<Integer> first = new ArrayList<>(List.of(at));
    List<Integer> back = new ArrayList<>(List.of(0));
    for (int a = 0; a < axes; a++) {
      if (a != at) {
        first.add(a);
      }
      // After the batch: the tokens where they were, the other axes in their order.
      back.add(a == at ? 1 : a < at ? a + 2 : a + 1);
    }
    String rows =
        added.op("Gather", added.transpose(table, first), positions).with("axis", 0).out();
    String moved = added.transpose(rows, back);
    edit.add(added.graph());
    for (NodeProto node : meetings(candidate)) {
      setInputs(node, candidate, moved);
    }
  }

  private void setInputs(NodeProto node, String was, String is) {
    GraphEdit.Node changed = edit.producer(node.getOutput(0));
    for (int i = 0; i < node.getInputCount(); i++) {
      if (node.getInput(i).equals(was)) {
        edit.setInput(changed, i, is);
      }
    }
  }
}
