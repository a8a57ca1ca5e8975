package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.MaskRoutes.Operand;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.onnx.inventory.AttentionSites;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds attentions by role, never by name: exporters rename nodes freely, but an attention is
 * alpaths a Softmax between two matrix products of activations, or one operator that is all of it.
 *
 * <p>Upwards from the Softmax the scores may have been scaled, masked, capped, cast or reshaped on
 * the way; every operand that joins on that way and is not a constant may carry a mask, and is
 * traced back to the model's mask inputs. Downwards the probabilities may have been cast, dropped
 * out, guarded against NaN, cut or quantised before they meet the values.
 */
public final class AttentionFinder {
  private static final String NO_EFFECT = "no output of the model depends on its values";

  private final Graph graph;
  private final AttentionPathFinder finder;
  private final MaskRoutes masks;
  private final Projections projections;
  private final OutputProjections outputProjections;
  private final long opset;
  private final List<AttentionSite> sites = new ArrayList<>();
  private final List<TapPoint> points = new ArrayList<>();
  private final List<AttentionPath> paths = new ArrayList<>();
  private final List<AttentionSites.Rejected> rejected = new ArrayList<>();

  public AttentionFinder(Graph graph, List<String> maskInputs, long opset) {
    this.graph = graph;
    this.finder = new AttentionPathFinder(graph);
    this.masks = new MaskRoutes(graph, maskInputs);
    this.projections = new Projections(graph);
    this.outputProjections = new OutputProjections(graph);
    this.opset = opset;
  }

  /**
   * What was found.
   *
   * @param points where each site can be read, in the order of the sites
   * @param paths the nodes of each site, in the same order
   */
  public record Found(AttentionSites sites, List<TapPoint> points, List<AttentionPath> paths) {
    public Found {
      points = List.copyOf(points);
      paths = List.copyOf(paths);
    }
  }

  public Found find() {
    for (NodeProto node : graph.nodes()) {
      Normaliser normaliser = normaliser(node);
      String reason = null;
      if (normaliser != null) {
        reason = consider(normaliser);
      } else if (FusedAttention.isOne(node)) {
        if (node.getOutputCount() > 0 && graph.isAlive(node.getOutput(0))) {
          consider(new FusedAttention(graph, node, sites.size()), node);
        } else {
          reason = NO_EFFECT;
        }
      } else {
        reason = inBody(node);
      }
      if (reason != null) {
        boolean isInBody = !Graph.bodies(node).isEmpty();
        rejected.add(new AttentionSites.Rejected(Graph.label(node), reason, isInBody));
      }
    }
    return new Found(new AttentionSites(sites, rejected), points, paths);
  }

  /**
   * What turns scores into probabilities.
   *
   * @param axis the axis it works on, of -1 or from the front
   */
  private record Normaliser(NodeProto node, String scores, String probabilities, long axis) {}

  private @Nullable Normaliser normaliser(NodeProto node) {
    if (node.getOpType().equals("Softmax")) {
      return new Normaliser(
          node,
          Graph.input(node, 0),
          node.getOutputCount() > 0 ? node.getOutput(0) : "",
          Graph.axisOf(node, opset < 13 ? 1 : -1));
    }
    // Exp and ReduceSum and Div: a Softmax in parts.
    if (node.getOpType().equals("Div") && node.getOutputCount() > 0) {
      NodeProto exp = graph.producer(Graph.input(node, 0));
      NodeProto sum = graph.producer(Graph.input(node, 1));
      if (exp != null
          && sum != null
          && exp.getOpType().equals("Exp")
          && sum.getOpType().equals("ReduceSum")
          && Graph.input(sum, 0).equals(Graph.input(node, 0))) {
        return new Normaliser(node, Graph.input(exp, 0), node.getOutput(0), reducedAxis(sum));
      }
    }
    return null;
  }

  private long reducedAxis(NodeProto sum) {
    List<Long> axes = Graph.integers(sum, "axes");
    if (axes.isEmpty()) {
      axes = graph.wholeNumbers(Graph.input(sum, 1));
    }
    return axes.size() == 1 ? axes.getFirst() : 0;
  }

  private void consider(FusedAttention fused, NodeProto node) {
    String reason = fused.whyNotReadable();
    TapPoint point = fused.tapPoint(projections, outputProjections);
    sites.add(
        new AttentionSite(
            sites.size(),
            Graph.label(node),
            fused.operator(),
            fused.source(projections),
            masks.paths(fused.masks()),
            point.taps(),
            reason == null ? "" : reason,
            point.described(),
            point.projection().why()));
    points.add(point);
    paths.add(AttentionPath.fused(node));
  }

  /** Adds the site, or returns why there is none. */
  private @Nullable String consider(Normaliser softmax) {
    if (softmax.axis != -1 && softmax.axis < 2) {
      return "it normalises axis " + softmax.axis + ", not the last one";
    }
    AttentionPathFinder.Down down = finder.down(softmax.probabilities);
    if (down == null) {
      return softmax.node.getOpType().equals("Div")
          ? null // any quotient of a sum
          : "its result is not the left operand of a product with an activation";
    }
    AttentionPathFinder.Up up = finder.up(softmax.scores);
    if (up == null) {
      return softmax.node.getOpType().equals("Div")
          ? null
          : "its input does not come from a product of two activations";
    }
    if (!graph.isAlive(softmax.probabilities)) {
      return NO_EFFECT; // some exporters run an encoder again for the shape of its result
    }
    List<Operand> operands = new ArrayList<>(up.operands());
    operands.addAll(down.operands());
    Projections.Origin queries = projections.of(up.query());
    Source source = Projections.source(queries, projections.of(up.key()));
    TapPoint point =
        new TapPoint(
            Place.permuted(down.weights(), up.order()),
            down.context(),
            down.values(),
            queries.place(),
            outputProjections.below(down.context()),
            GraphProto.getDefaultInstance(),
            MaskPoint.of(
                graph,
                sites.size(),
                up.product(),
                up.nodes(),
                softmax.probabilities,
                down.nodes(),
                up.order()),
            ScoreOperands.of(graph, up));
    sites.add(
        new AttentionSite(
            sites.size(),
            Graph.label(softmax.node),
            "Softmax",
            source,
            masks.paths(operands),
            point.taps(),
            "",
            point.described(),
            point.projection().why()));
    points.add(point);
    paths.add(
        new AttentionPath(
            softmax.node,
            up.query(),
            up.product(),
            up.nodes(),
            softmax.scores,
            softmax.probabilities,
            down.nodes(),
            up.order()));
    return null;
  }

  /** An attention in a body of an If, a Loop or a Scan, however deep; null if there is none. */
  private static @Nullable String inBody(NodeProto node) {
    for (AttributeProto attribute : node.getAttributeList()) {
      Deque<GraphProto> todo = new ArrayDeque<>(attribute.getGraphsList());
      if (attribute.hasG()) {
        todo.add(attribute.getG());
      }
      while (!todo.isEmpty()) {
        for (NodeProto inner : todo.removeFirst().getNodeList()) {
          if (inner.getOpType().equals("Softmax") || FusedAttention.isOne(inner)) {
            return "a %s inside the body of this %s is out of reach: %s of its %s"
                .formatted(
                    inner.getOpType(), node.getOpType(), Graph.label(inner), attribute.getName());
          }
          todo.addAll(Graph.bodies(inner));
        }
      }
    }
    return null;
  }
}
