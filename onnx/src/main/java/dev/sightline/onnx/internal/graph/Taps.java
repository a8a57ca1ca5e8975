package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Nodes and outputs to be added to a model, which read its attentions.
 *
 * <p>What a graph has as {@code [B*H, Lq, Lk]} or {@code [B, KV, G, Lq, Lk]} comes out as {@code
 * [B, H, Lq, Lk]}: the batch is outermost in all of them, and its size is that of an input.
 */
public final class Taps {
  private final GraphBuilder graph = GraphBuilder.addition("sightline.");
  private final String batch;
  private final String rest = graph.longs(-1);
  private final String one = graph.longs(1);
  private final String last = graph.longs(-1);
  private final String lastTwo = graph.longs(-2, -1);
  private final Set<String> kept;

  /**
   * Taps for a model.
   *
   * @param batchInput the name of an input whose first axis is the batch
   * @param outputs the outputs that the model has
   */
  public Taps(String batchInput, Set<String> outputs) {
    kept = new HashSet<>(outputs);
    batch = graph.node("Gather", graph.node("Shape", batchInput), graph.longs(0));
  }

  /** Adds those of the taps that the site has. */
  public void add(AttentionSite site, TapPoint point, Set<Tap> taps) {
    boolean asked =
        taps.contains(Tap.PROBABILITIES)
            || taps.contains(Tap.PADDING_MASS)
            || taps.contains(Tap.VALUES);
    if (point.probabilities() != null && asked) {
      probabilities(site, point);
      if (taps.contains(Tap.PROBABILITIES)) {
        output(site, Tap.PROBABILITIES);
      }
      if (taps.contains(Tap.PADDING_MASS)) {
        paddingMass(site);
      }
      if (taps.contains(Tap.VALUES)) {
        values(site, point);
        output(site, Tap.VALUES);
      }
    }
    boolean rebuilds = taps.contains(Tap.REBUILT_OUTPUT);
    if (point.context() != null && (taps.contains(Tap.CONTEXT) || rebuilds)) {
      context(site, point);
      if (taps.contains(Tap.CONTEXT)) {
        output(site, Tap.CONTEXT);
      }
    }
    ProjectionPoint projection = point.projection().point();
    if (projection != null && taps.contains(Tap.ATTENTION_OUTPUT)) {
      new ProjectionNodes(graph, projection, batch).output(site.output(Tap.ATTENTION_OUTPUT));
      output(site, Tap.ATTENTION_OUTPUT);
    }
    if (projection != null && rebuilds) {
      new ProjectionNodes(graph, projection, batch)
          .rebuilt(site.output(Tap.REBUILT_OUTPUT), site.output(Tap.CONTEXT));
      output(site, Tap.REBUILT_OUTPUT);
    }
    operand(site, Tap.QUERIES, point.operands().queries(), taps);
    operand(site, Tap.KEYS, point.operands().keys(), taps);
    Place hidden = point.hidden();
    if (hidden != null && taps.contains(Tap.HIDDEN)) {
      float32(hidden, last).named(site.output(Tap.HIDDEN));
      output(site, Tap.HIDDEN);
    }
  }

  private void operand(AttentionSite site, Tap tap, @Nullable Place place, Set<Tap> taps) {
    if (place != null && taps.contains(tap) && site.taps().contains(tap)) {
      float32(place, lastTwo).named(site.output(tap));
      output(site, tap);
    }
  }

  /** Adds the probabilities as a tensor {@code [B, H, Lq, Lk]} and returns its name. */
  public String probabilities(AttentionSite site, TapPoint point) {
    graph.addAll(point.helper());
    Place place = Objects.requireNonNull(point.probabilities(), "a site that is read");
    return float32(place, lastTwo).named(site.output(Tap.PROBABILITIES)).out();
  }

  /**
   * Adds the logarithms of the probabilities {@code [B, H, Lq, Lk]} and returns the tensor's name:
   * a LogSoftmax of the scores if the probabilities are the unchanged output of a Softmax, else
   * null. PyTorch exports a Cast from float32 to float32 after it.
   */
  public @Nullable String logProbabilities(AttentionSite site, TapPoint point, Graph main) {
    Place place = Objects.requireNonNull(point.probabilities(), "a site that is read");
    NodeProto softmax =
        point.helper().getNodeList().stream()
            .filter(node -> node.getOutputList().contains(place.tensor()))
            .findFirst()
            .orElse(main.producer(main.uncast(place.tensor())));
    if (softmax == null || !softmax.getOpType().equals("Softmax")) {
      return null;
    }
    Place scores = new Place(Graph.input(softmax, 0), place.heads(), place.order());
    return graph.op("LogSoftmax", float32(scores, lastTwo).out()).with("axis", -1).out();
  }

  /**
   * Adds what an attention's mask can be read from, {@code [B, H, Lq, Lk]} each, as outputs.
   *
   * @return the names of the outputs, {@link #maskScores} and {@link #maskWeights}, of those that
   *     there are
   */
  public List<String> mask(AttentionSite site, MaskPoint point) {
    List<String> names = new ArrayList<>();
    graph.addAll(point.helper());
    if (point.scores() != null) {
      names.add(float32(point.scores(), lastTwo).named(maskScores(site)).out());
    }
    if (point.weights() != null) {
      names.add(float32(point.weights(), lastTwo).named(maskWeights(site)).out());
    }
    names.forEach(graph::outputOf);
    point.kept().stream().filter(kept::add).forEach(graph::outputOf);
    return names;
  }

  /** Returns the name of the scores that are the mask and the bias alone. */
  public static String maskScores(AttentionSite site) {
    return "sightline.mask_scores." + site.layer();
  }

  /** Returns the name of the weights that follow from the mask and the bias alone. */
  public static String maskWeights(AttentionSite site) {
    return "sightline.mask_weights." + site.layer();
  }

  /** Adds the context as a tensor {@code [B, H, S, Dh]} and returns its name. */
  public String context(AttentionSite site, TapPoint point) {
    Place place = Objects.requireNonNull(point.context(), "a site that has one");
    return float32(place, lastTwo).named(site.output(Tap.CONTEXT)).out();
  }

  /**
   * Adds the values as a tensor {@code [B, KV, Lk, Dh]} and returns its name. The probabilities
   * must have been added before.
   */
  public String values(AttentionSite site, TapPoint point) {
    Place place = Objects.requireNonNull(point.values(), "a site that has some");
    return float32(place, lastTwo).named(site.output(Tap.VALUES)).out();
  }

  /** Returns the nodes added so far; more can be added to them. */
  public GraphBuilder graph() {
    return graph;
  }

  /** Returns the name of an int64 tensor {@code [1]}, the number of rows of the batch. */
  public String batch() {
    return batch;
  }

  private void output(AttentionSite site, Tap tap) {
    graph.outputOf(site.output(tap));
  }

  /** Probabilities {@code [B, H, Lq, Lk]} times the padding as a column {@code [B, 1, Lk, 1]}. */
  private void paddingMass(AttentionSite site) {
    String probabilities = site.output(Tap.PROBABILITIES);
    String padding =
        graph.input(
            site.paddingInput(),
            ElementType.FLOAT32,
            "sightline.rows_of." + site.layer(),
            "sightline.keys_of." + site.layer());
    // A caller that needs no sum feeds a single value, which is expanded to all keys.
    String keys = graph.node("Gather", graph.node("Shape", probabilities), last);
    String column =
        graph.node(
            "Expand", graph.reshape(padding, 0, 1, -1, 1), graph.concat(0, one, one, keys, one));
    graph
        .op("Reshape", graph.node("MatMul", probabilities, column), graph.longs(0, 0, -1))
        .named(site.output(Tap.PADDING_MASS));
    output(site, Tap.PADDING_MASS);
  }

  /** Adds a tensor in float32 as {@code [B, rest, last axes]}. */
  private GraphBuilder.Op float32(Place place, String lastAxes) {
    String tensor = place.tensor();
    if (place.heads() > 0) {
      tensor = graph.reshape(tensor, 0, 0, place.heads(), -1);
    }
    if (!place.order().isEmpty()) {
      tensor = graph.transpose(tensor, place.order());
    }
    String kept = graph.node("Gather", graph.node("Shape", tensor), lastAxes);
    String shape = graph.concat(0, batch, rest, kept);
    return graph.op("Reshape", graph.cast(tensor, ElementType.FLOAT32), shape);
  }
}
