package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.inventory.TensorSpec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * An input that takes what an output gave in the run before: the keys or values of earlier tokens,
 * or another state that a decoder hands on.
 *
 * @param past the input
 * @param present name of the output
 */
public record CachePair(TensorSpec past, String present) {
  /** Words of a name that say in which direction the tensor goes, not which one it is. */
  private static final Set<String> DIRECTIONS =
      Set.of(
          "past",
          "present",
          "prev",
          "previous",
          "next",
          "new",
          "updated",
          "in",
          "out",
          "input",
          "output",
          "cache",
          "caches",
          "pkv",
          "kv");

  /** What may be between a cache and the output that hands it on. */
  private static final Set<String> COPIES =
      Set.of(
          "Identity",
          "Concat",
          "Transpose",
          "Reshape",
          "Cast",
          "Squeeze",
          "Unsqueeze",
          "Slice",
          "ScatterND",
          "ScatterElements");

  /** Returns whether an input is named as a cache is: {@code past_key_values.0.key}. */
  public static boolean isNamedCache(String input) {
    String name = input.toLowerCase(Locale.ROOT);
    return (name.contains("past") || name.contains("cache") || name.startsWith("pkv"))
        && !name.contains("mask");
  }

  /**
   * Finds the pairs: by name, else by the nodes that lead from the input to the output, else by
   * their order.
   *
   * @param inputs of the model
   * @param outputs of the model
   * @return in the order of the inputs; an input without a partner is left out
   */
  public static List<CachePair> of(Graph graph, List<TensorSpec> inputs, List<TensorSpec> outputs) {
    List<TensorSpec> pasts =
        inputs.stream()
            .filter(input -> isNamedCache(input.name()) && input.isFloat())
            .filter(input -> input.dims().size() > 1)
            .toList();
    List<TensorSpec> presents =
        new ArrayList<>(outputs.stream().filter(TensorSpec::isFloat).toList());
    List<CachePair> pairs = new ArrayList<>();
    List<TensorSpec> open = new ArrayList<>();
    for (TensorSpec past : pasts) {
      List<TensorSpec> partners =
          presents.stream()
              .filter(present -> fits(past, present) && key(present).equals(key(past)))
              .toList();
      if (partners.size() != 1) {
        partners =
            presents.stream()
                .filter(present -> fits(past, present) && source(graph, present, pasts, past))
                .toList();
      }
      if (partners.size() == 1) {
        pairs.add(new CachePair(past, partners.getFirst().name()));
        presents.remove(partners.getFirst());
      } else {
        open.add(past);
      }
    }
    pairs.addAll(byOrder(open, presents));
    pairs.sort((a, b) -> Integer.compare(pasts.indexOf(a.past), pasts.indexOf(b.past)));
    return pairs;
  }

  /** Only if there are as many of both, so that the order can mean something. */
  private static List<CachePair> byOrder(List<TensorSpec> pasts, List<TensorSpec> presents) {
    List<CachePair> pairs = new ArrayList<>();
    Set<Integer> ranks = new HashSet<>(pasts.stream().map(past -> past.dims().size()).toList());
    for (int rank : ranks) {
      List<TensorSpec> from = pasts.stream().filter(past -> past.dims().size() == rank).toList();
      List<TensorSpec> to = presents.stream().filter(p -> p.dims().size() == rank).toList();
      for (int i = 0; from.size() == to.size() && i < from.size(); i++) {
        if (fits(from.get(i), to.get(i))) {
          pairs.add(new CachePair(from.get(i), to.get(i).name()));
        }
      }
    }
    return pairs;
  }

  /** As many axes, and no two fixed lengths that differ but where the cache grows. */
  private static boolean fits(TensorSpec past, TensorSpec present) {
    if (past.dims().size() != present.dims().size()) {
      return false;
    }
    int differing = 0;
    for (int a = 0; a < past.dims().size(); a++) {
      boolean fixed = past.isFixed(a) && present.isFixed(a);
      differing += fixed && !past.dims().get(a).equals(present.dims().get(a)) ? 1 : 0;
    }
    return differing <= 1;
  }

  /** What a name says besides the direction: {@code [0, key]} of {@code past_key_values.0.key}. */
  private static List<String> key(TensorSpec spec) {
    String name = spec.name().toLowerCase(Locale.ROOT).replaceAll("keys?_values?", "");
    List<String> words = new ArrayList<>();
    for (String word : Arrays.asList(name.split("[^a-z0-9]+", -1))) {
      if (!word.isEmpty() && !DIRECTIONS.contains(word)) {
        words.add(word);
      }
    }
    return words;
  }

  /** Whether a cache, and no other, is what an output continues. */
  private static boolean source(
      Graph graph, TensorSpec present, List<TensorSpec> pasts, TensorSpec past) {
    Set<String> names = new HashSet<>(pasts.stream().map(TensorSpec::name).toList());
    Set<String> seen = new HashSet<>(Set.of(present.name()));
    Set<String> found = new HashSet<>();
    Deque<String> todo = new ArrayDeque<>(seen);
    while (!todo.isEmpty()) {
      String tensor = todo.removeFirst();
      if (names.contains(tensor)) {
        found.add(tensor);
        continue;
      }
      NodeProto node = graph.producer(tensor);
      if (node != null && COPIES.contains(node.getOpType())) {
        node.getInputList().stream().filter(seen::add).forEach(todo::addLast);
      }
    }
    return found.equals(Set.of(past.name()));
  }
}
