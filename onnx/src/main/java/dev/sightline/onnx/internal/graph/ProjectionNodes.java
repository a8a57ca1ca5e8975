package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import dev.sightline.onnx.inventory.OutputProjection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Adds what is computed with an output projection's weights to a graph. The weights are taken where
 * the file has them, in whatever form; what depends on them alone, such as their product with
 * themselves, the runtime computes once, when it opens the model.
 */
public final class ProjectionNodes {
  private final GraphProto.Builder graph;
  private final ProjectionPoint point;
  private final String name;
  private final Set<String> made = new HashSet<>();

  /**
   * Nodes for one projection.
   *
   * @param name what new tensors are called after
   */
  public ProjectionNodes(GraphProto.Builder graph, ProjectionPoint point, String name) {
    this.graph = graph;
    this.point = point;
    this.name = name;
  }

  /** The weights in float32 as {@code [H*Dh, D]}. */
  public String weights() {
    String matrix = name + ".weights";
    if (!made.add(matrix)) {
      return matrix;
    }
    String weight = point.weight();
    graph.addNode(GraphNodes.castToFloat(matrix + ".float", weight));
    String current = matrix + ".float";
    String scale = point.scale();
    if (scale != null) {
      String zeroPoint = point.zeroPoint();
      if (zeroPoint != null) {
        graph
            .addNode(GraphNodes.castToFloat(matrix + ".zero", zeroPoint))
            .addNode(GraphNodes.node("Sub", matrix + ".centred", current, matrix + ".zero"));
        current = matrix + ".centred";
      }
      graph.addNode(GraphNodes.node("Mul", matrix + ".scaled", current, scale));
      current = matrix + ".scaled";
    }
    if (point.transposed()) {
      graph.addNode(GraphNodes.transpose(matrix + ".upright", current, List.of(1, 0)));
      current = matrix + ".upright";
    }
    long rows = (long) point.described().heads() * point.described().headSize();
    graph
        .addInitializer(GraphNodes.longs(matrix + ".rows", rows, -1))
        .addNode(GraphNodes.node("Reshape", matrix, current, matrix + ".rows"));
    return matrix;
  }

  /**
   * Each head's rows times themselves, {@code [H, Dh, Dh]}: with it the length of {@code z W} is
   * the root of {@code z G z}, and no tensor as wide as the residual stream is made for every head.
   */
  public String gram() {
    String gram = name + ".gram";
    if (!made.add(gram)) {
      return gram;
    }
    int heads = point.described().heads();
    graph
        .addInitializer(GraphNodes.longs(gram + ".split", heads, point.described().headSize(), -1))
        .addNode(GraphNodes.node("Reshape", gram + ".slices", weights(), gram + ".split"))
        .addNode(GraphNodes.transpose(gram + ".turned", gram + ".slices", List.of(0, 2, 1)))
        .addNode(GraphNodes.node("MatMul", gram, gram + ".slices", gram + ".turned"));
    return gram;
  }

  /** The heads side by side {@code [B, S, H*Dh]}, from {@code [B, H, S, Dh]}. */
  String merged(String context) {
    String merged = name + ".merged";
    graph
        .addInitializer(GraphNodes.longs(merged + ".shape", 0, 0, -1))
        .addNode(GraphNodes.transpose(merged + ".turned", context, List.of(0, 2, 1, 3)))
        .addNode(GraphNodes.node("Reshape", merged, merged + ".turned", merged + ".shape"));
    return merged;
  }

  /**
   * The projection's own result in float32 as {@code [B, S, D]}.
   *
   * @param batch the tensor that holds the number of rows
   */
  String output(String called, String batch) {
    String rest = called + ".rest";
    String width = called + ".width";
    boolean turned = point.tokensFirst();
    String laidOut = turned ? called + ".turned" : called;
    graph
        .addNode(GraphNodes.castToFloat(called + ".float", point.output()))
        .addInitializer(GraphNodes.longs(rest, -1))
        .addInitializer(GraphNodes.longs(called + ".last", -1))
        .addNode(GraphNodes.node("Shape", called + ".was", point.output()))
        .addNode(GraphNodes.node("Gather", width, called + ".was", called + ".last"))
        .addNode(
            turned
                ? Taps.concat(called + ".shape", rest, batch, width)
                : Taps.concat(called + ".shape", batch, rest, width))
        .addNode(GraphNodes.node("Reshape", laidOut, called + ".float", called + ".shape"));
    if (turned) {
      graph.addNode(GraphNodes.transpose(called, laidOut, List.of(1, 0, 2)));
    }
    return called;
  }

  /** The sum of what the heads add: the output before its bias. */
  public String withoutBias(String batch) {
    String output = output(name + ".output", batch);
    String bias = point.bias();
    if (bias == null) {
      return output;
    }
    graph
        .addNode(GraphNodes.castToFloat(name + ".bias", bias))
        .addNode(GraphNodes.node("Sub", name + ".sum", output, name + ".bias"));
    return name + ".sum";
  }

  public OutputProjection described() {
    return point.described();
  }

  /** The context times the weights, and the bias: what the projection must have given. */
  void rebuilt(String called, String context) {
    String product = called + ".product";
    graph.addNode(GraphNodes.node("MatMul", product, merged(context), weights()));
    String bias = point.bias();
    if (bias == null) {
      graph.addNode(GraphNodes.node("Identity", called, product));
    } else {
      graph
          .addNode(GraphNodes.castToFloat(called + ".bias", bias))
          .addNode(GraphNodes.node("Add", called, product, called + ".bias"));
    }
  }
}
