package dev.sightline.audit.internal.probe;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.NodeOutputs;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.FloatTensor;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the first node whose result differs between two runs at a token that must not differ. All
 * candidates are handed out at once, so that a search costs one session and a few runs.
 */
final class NodeLocaliser {
  /** Nodes of a search: three times what is between two attentions of any export seen so far. */
  private static final int MAX_NODES = 600;

  private final Model model;
  private final Difference.Pair pair;

  /** What two runs of other shapes may differ by; 0 for equal shapes. */
  private final double tolerance;

  private final boolean rowsMix;
  private final Map<String, NodeProto> makers = new LinkedHashMap<>();

  private NodeLocaliser(
      Model model, Difference.Pair pair, double tolerance, boolean rowsMix, List<NodeProto> nodes) {
    this.model = model;
    this.pair = pair;
    this.tolerance = tolerance;
    this.rowsMix = rowsMix;
    for (NodeProto node : nodes) {
      for (String tensor : node.getOutputList()) {
        if (!tensor.isEmpty()) {
          makers.put(tensor, node);
        }
      }
    }
  }

  /**
   * A node.
   *
   * @param trail the tensors that differ, from its own to the first that belongs to a token
   */
  record Found(NodeProto node, Set<String> trail) {}

  /**
   * Searches what leads from some tensors to others.
   *
   * @param pair two runs, and the tokens that must not differ
   * @param tolerance what they may differ by
   * @param rowsMix whether the pair differs in other rows of the batch
   * @param from tensors that do not differ where they must not
   * @param to tensors that do
   * @return empty if no single node shows it, or there are too many nodes to ask
   */
  static Optional<Found> find(
      Model model,
      Difference.Pair pair,
      double tolerance,
      boolean rowsMix,
      Collection<String> from,
      Collection<String> to)
      throws ModelException {
    List<NodeProto> nodes = NodeOutputs.between(model.graph(), from, to);
    if (nodes.isEmpty() || nodes.size() > MAX_NODES) {
      return Optional.empty();
    }
    return new NodeLocaliser(model, pair, tolerance, rowsMix, nodes).find();
  }

  private Optional<Found> find() throws ModelException {
    List<String> names = makers.keySet().stream().map(NodeOutputs::output).toList();
    byte[] bytes = NodeOutputs.appendedTo(model.bytes(), makers.keySet());
    try (ModelSession session = ModelSession.start(model, bytes)) {
      boolean oneRow = pair.a().batch().rows() == 1;
      Map<String, Output> outputs = new HashMap<>();
      for (Output output : OutputFinder.inside(model, session, pair.a().batch(), names, oneRow)) {
        outputs.put(output.name(), output);
      }
      learnFrames(session, outputs.values(), names);
      RunOutputs a = run(session, pair.a().batch(), names);
      RunOutputs b = run(session, pair.b().batch(), names);
      return first(outputs, a, b);
    }
  }

  private static RunOutputs run(ModelSession session, Batch batch, List<String> names)
      throws ModelException {
    return new RunOutputs(batch, session.run(batch.feed(), names));
  }

  /** How many positions the row's tokens fill, of tensors that have not one for each token. */
  private void learnFrames(ModelSession session, Collection<Output> outputs, List<String> names)
      throws ModelException {
    boolean needed =
        outputs.stream()
            .anyMatch(
                output -> output.isPerToken() && output.frames() != FrameCounts.ONE_PER_TOKEN);
    if (!needed || model.roles().fixedRows().isPresent()) {
      return;
    }
    Sample sample = pair.a().batch().samples().get(pair.rowA());
    Batch alone = Batches.unpadded(model.roles(), List.of(sample), 0);
    RunOutputs run = run(session, alone, names);
    for (Output output : outputs) {
      if (output.isPerToken() && output.frames() != FrameCounts.ONE_PER_TOKEN) {
        int tokens = sample.length(output.stream());
        if (tokens == alone.width(output.stream())) {
          output.frames().learn(tokens, run.output(output.name()).shape().dim(output.axis()));
        }
      }
    }
  }

  private Optional<Found> first(Map<String, Output> outputs, RunOutputs a, RunOutputs b) {
    Set<String> differing = new HashSet<>();
    for (Map.Entry<String, NodeProto> entry : makers.entrySet()) {
      String tensor = entry.getKey();
      Output output = outputs.get(NodeOutputs.output(tensor));
      if (output == null) {
        if (rowsMix && differsAsAWhole(tensor, a, b)) {
          differing.add(tensor);
        }
        continue;
      }
      Difference difference = new Difference();
      difference.compare(
          output, a, pair.rowA(), b, pair.rowB(), token -> pair.mustHold(output.stream(), token));
      if (difference.largest() <= tolerance) {
        continue;
      }
      if (output.isPerToken() || rowsMix) {
        return Optional.of(origin(tensor, differing));
      }
      differing.add(tensor); // a value for the row may depend on padding, until a token reads it
    }
    return Optional.empty();
  }

  /** Of a tensor without an axis of rows, which no other row may change either. */
  private static boolean differsAsAWhole(String tensor, RunOutputs a, RunOutputs b) {
    FloatTensor one = a.output(NodeOutputs.output(tensor));
    FloatTensor other = b.output(NodeOutputs.output(tensor));
    return one.shape().equals(other.shape()) && !Arrays.equals(one.data(), other.data());
  }

  /** Upwards from where a token first differs to the node that joined the tokens. */
  private Found origin(String tensor, Set<String> differing) {
    String here = tensor;
    Set<String> seen = new HashSet<>();
    while (seen.add(here)) {
      NodeProto node = makers.get(here);
      String next = null;
      for (String input : node == null ? List.<String>of() : node.getInputList()) {
        next = next == null && differing.contains(input) ? input : next;
      }
      if (next == null || node == null) {
        break;
      }
      here = next;
    }
    NodeProto node = makers.get(here);
    if (node == null) {
      throw new IllegalStateException("no node makes " + here);
    }
    return new Found(node, seen);
  }
}
