package dev.sightline.repair.internal.graph;

import dev.sightline.data.Pooling;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;

/**
 * A pooling over real tokens as nodes, computed in float32. A mean is a ReduceMean over all slots,
 * with zeros for padding, times slots by tokens: without padding it has the bits of a plain one.
 */
public final class PooledTokens {
  private final Nodes nodes;
  private final GraphBuilder graph;
  private final long opset;
  private final String hidden;
  private final String real;

  /**
   * A pooling.
   *
   * @param hidden float32 {@code [B, S, D]}
   * @param real which of them are real tokens, bool {@code [B, S]}
   */
  public PooledTokens(Nodes nodes, long opset, String hidden, String real) {
    this.nodes = nodes;
    this.graph = nodes.graph();
    this.opset = opset;
    this.hidden = hidden;
    this.real = real;
  }

  /**
   * Pools.
   *
   * @return float32 {@code [B, D]}
   * @throws IllegalArgumentException if it is no pooling over real tokens
   */
  public String by(Pooling pooling) {
    return switch (pooling) {
      case MEAN -> mean();
      case WEIGHTED_MEAN -> weightedMean();
      case FIRST -> token(graph.op("ArgMax", number()).with("axis", 1).out());
      case LAST -> token(reduced("ReduceMax", graph.node("Mul", number(), slots()), 1));
      case MAX -> largest();
      default -> throw new IllegalArgumentException(pooling + " counts padding");
    };
  }

  /** Vectors of length 1, of the same directions. */
  public String normalised(String pooled) {
    String squares = nodes.sum(graph.node("Mul", pooled, pooled));
    String length = atLeast(graph.node("Sqrt", squares), 1e-12);
    return graph.node("Div", pooled, length);
  }

  private String mean() {
    String sum = reduced("ReduceMean", chosen(graph.scalar(0)), 0);
    String count = atLeast(nodes.sum(nodes.cast(real, ElementType.FLOAT32)), 1);
    String slots = nodes.cast(nodes.size(hidden, 1), ElementType.FLOAT32);
    return graph.node("Mul", sum, graph.node("Div", slots, count));
  }

  private String weightedMean() {
    String counted = graph.node("Mul", nodes.runningSum(number()), number());
    String weights = nodes.cast(counted, ElementType.FLOAT32);
    String weighted =
        graph.node("Mul", chosen(graph.scalar(0)), nodes.reshape(weights, nodes.vector(0, 0, 1)));
    String sum = nodes.reshape(nodes.sum(weighted), nodes.vector(0, -1));
    return graph.node("Div", sum, atLeast(nodes.sum(weights), 1));
  }

  private String largest() {
    return reduced("ReduceMax", chosen(graph.scalar(-Float.MAX_VALUE)), 0);
  }

  /** 1 for a real token and 0 for padding, int64 {@code [B, S]}. */
  private String number() {
    return nodes.cast(real, ElementType.INT64);
  }

  private String slots() {
    return nodes.range(nodes.size(hidden, 1));
  }

  /** The tokens, another value in the place of padding, which may hold anything. */
  private String chosen(String otherwise) {
    return graph.node("Where", nodes.reshape(real, nodes.vector(0, 0, 1)), hidden, otherwise);
  }

  /** The token of each row at an index, int64 {@code [B, 1]}. */
  private String token(String index) {
    String shape = graph.node("Shape", hidden);
    String size = graph.node("Gather", shape, graph.longs(2));
    String rows = graph.node("Gather", shape, graph.longs(0));
    String indices =
        graph.node(
            "Expand",
            nodes.reshape(index, nodes.vector(0, 1, 1)),
            graph.concat(0, rows, graph.longs(1), size));
    return nodes.reshape(nodes.gatherElements(hidden, indices), nodes.vector(0, -1));
  }

  private String atLeast(String x, double least) {
    String limit = graph.scalar(least);
    return graph.node("Where", graph.node("Less", x, limit), limit, x);
  }

  /** Reduces axis 1; the axes are an operand from opset 18 on. */
  private String reduced(String operator, String x, long keepsAxis) {
    GraphBuilder.Op node =
        opset < 18
            ? graph.op(operator, x).withAll("axes", 1)
            : graph.op(operator, x, graph.longs(1));
    return node.with("keepdims", keepsAxis).out();
  }
}
