package dev.sightline.onnx.internal.graph;

import dev.sightline.onnx.inventory.OutputProjection;
import dev.sightline.tensor.ElementType;
import org.jspecify.annotations.Nullable;

/**
 * Adds what is computed with an output projection's weights to a graph. The weights are taken where
 * the file has them, in whatever form; what depends on them alone, such as their product with
 * themselves, the runtime computes once, when it opens the model.
 */
public final class ProjectionNodes {
  private final GraphBuilder graph;
  private final ProjectionPoint point;
  private final String batch;
  private @Nullable String weights;
  private @Nullable String gram;

  /**
   * Nodes for one projection.
   *
   * @param batch the tensor that holds the number of rows
   */
  public ProjectionNodes(GraphBuilder graph, ProjectionPoint point, String batch) {
    this.graph = graph;
    this.point = point;
    this.batch = batch;
  }

  /** Returns the weights in float32 as {@code [H*Dh, D]}. */
  public String weights() {
    if (weights == null) {
      weights = addWeights();
    }
    return weights;
  }

  private String addWeights() {
    String matrix = graph.cast(point.weight(), ElementType.FLOAT32);
    String scale = point.scale();
    if (scale != null) {
      String zeroPoint = point.zeroPoint();
      if (zeroPoint != null) {
        matrix = graph.node("Sub", matrix, graph.cast(zeroPoint, ElementType.FLOAT32));
      }
      matrix = graph.node("Mul", matrix, scale);
    }
    if (point.transposed()) {
      matrix = graph.transpose(matrix, 1, 0);
    }
    long rows = (long) point.described().heads() * point.described().headSize();
    return graph.reshape(matrix, rows, -1);
  }

  /**
   * Returns each head's rows times themselves, {@code [H, Dh, Dh]}: with it the length of {@code z
   * W} is the root of {@code z G z}, and no tensor as wide as the residual stream is made for every
   * head.
   */
  public String gram() {
    if (gram == null) {
      OutputProjection projection = point.described();
      String slices = graph.reshape(weights(), projection.heads(), projection.headSize(), -1);
      gram = graph.node("MatMul", slices, graph.transpose(slices, 0, 2, 1));
    }
    return gram;
  }

  /** The heads side by side {@code [B, S, H*Dh]}, from {@code [B, H, S, Dh]}. */
  private String merged(String context) {
    return graph.reshape(graph.transpose(context, 0, 2, 1, 3), 0, 0, -1);
  }

  /**
   * Adds the projection's own result in float32 as {@code [B, S, D]}.
   *
   * @param name what the tensor is called
   */
  void output(String name) {
    output().named(name);
  }

  private GraphBuilder.Op output() {
    String width = graph.node("Gather", graph.node("Shape", point.output()), graph.longs(-1));
    String rest = graph.longs(-1);
    String values = graph.cast(point.output(), ElementType.FLOAT32);
    if (!point.tokensFirst()) {
      return graph.op("Reshape", values, graph.concat(0, batch, rest, width));
    }
    String tokensFirst = graph.node("Reshape", values, graph.concat(0, rest, batch, width));
    return graph.op("Transpose", tokensFirst).withAll("perm", 1, 0, 2);
  }

  /** Returns the sum of what the heads add, the output before its bias, {@code [B, S, D]}. */
  public String withoutBias() {
    String output = output().out();
    String bias = point.bias();
    return bias == null ? output : graph.node("Sub", output, graph.cast(bias, ElementType.FLOAT32));
  }

  /** Returns the sizes of the projection. */
  public OutputProjection described() {
    return point.described();
  }

  /** Adds the context times the weights, and the bias: what the projection must have given. */
  void rebuilt(String name, String context) {
    String product = graph.node("MatMul", merged(context), weights());
    String bias = point.bias();
    if (bias == null) {
      graph.op("Identity", product).named(name);
    } else {
      graph.op("Add", product, graph.cast(bias, ElementType.FLOAT32)).named(name);
    }
  }
}
