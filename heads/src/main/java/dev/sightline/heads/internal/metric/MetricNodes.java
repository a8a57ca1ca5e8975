package dev.sightline.heads.internal.metric;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.internal.graph.GraphNodes;
import dev.sightline.onnx.internal.graph.ProjectionNodes;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.OutputProjection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds nodes that reduce an attention to one number for each head and query, so that nothing as
 * large as the probabilities leaves the graph.
 *
 * <p>Every pass over {@code [B, H, Lq, Lk]} costs time that the model does not have to spare, so
 * single keys are looked up instead of being summed. A set of keys is one column in a product of
 * its own: the runtime multiplies with a vector in 0.4 ms what takes it 1.4 ms with two or three
 * columns, which it pads to sixteen ({@code [8, 12, 128, 128]}, one thread).
 */
final class MetricNodes {
  private final GraphProto.Builder graph;
  private final long opset;
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Set<String> constants = new LinkedHashSet<>();
  private final Set<String> made = new LinkedHashSet<>();

  MetricNodes(GraphProto.Builder graph, long opset) {
    this.graph = graph;
    this.opset = opset;
  }

  /** The inputs that the nodes made so far have to be fed. */
  Set<String> inputs() {
    return inputs;
  }

  /** The output for a metric, {@code [B, H, S]}. */
  static String output(AttentionSite site, HeadMetric metric) {
    return "sightline.metric." + metric.id() + "." + site.layer();
  }

  /** The opset that brought what a metric is made with; 1 for any. */
  static int since(HeadMetric metric) {
    return switch (metric) {
      case SELF -> 10; // Slice with steps
      case FIRST_TOKEN, PREVIOUS -> 11; // GatherElements
      default -> 1;
    };
  }

  /**
   * From probabilities {@code [B, H, Lq, Lk]}.
   *
   * @param heads H; needed where keys are looked up
   */
  void ofProbabilities(
      AttentionSite site, HeadMetric metric, String probabilities, long heads, MetricInputs given) {
    String name = output(site, metric);
    switch (metric) {
      case MAX_PROB -> add(reduce("ReduceMax", name, probabilities, -1, 18));
      case DISTANCE -> {
        input(given.distances(), TensorProto.DataType.FLOAT_VALUE, 4);
        add(GraphNodes.node("Mul", name + ".terms", probabilities, given.distances()));
        add(reduce("ReduceSum", name, name + ".terms", -1, 13));
      }
      case PADDING, SPECIAL -> {
        input(given.set(metric), TensorProto.DataType.FLOAT_VALUE, 4);
        constant(GraphNodes.longs("sightline.metric.rows", 0, 0, -1));
        add(GraphNodes.node("MatMul", name + ".column", probabilities, given.set(metric)));
        add(GraphNodes.node("Reshape", name, name + ".column", "sightline.metric.rows"));
      }
      case SELF -> {
        input(given.diagonal(), TensorProto.DataType.INT64_VALUE, 1);
        constant(GraphNodes.longs("sightline.metric.from", 0));
        constant(GraphNodes.longs("sightline.metric.to", Long.MAX_VALUE));
        constant(GraphNodes.longs("sightline.metric.along", 2));
        add(
            GraphNodes.node(
                "Slice",
                name,
                flat(site, probabilities, given),
                "sightline.metric.from",
                "sightline.metric.to",
                "sightline.metric.along",
                given.diagonal()));
      }
      case FIRST_TOKEN, PREVIOUS -> {
        input(given.place(metric), TensorProto.DataType.INT64_VALUE, 3);
        input(given.has(metric), TensorProto.DataType.FLOAT_VALUE, 3);
        constant(GraphNodes.longs(name + ".heads", 1, heads, 1));
        add(GraphNodes.node("Expand", name + ".places", given.place(metric), name + ".heads"));
        add(
            GraphNodes.with(
                GraphNodes.node(
                    "GatherElements",
                    name + ".found",
                    flat(site, probabilities, given),
                    name + ".places"),
                GraphNodes.integer("axis", 2)));
        add(GraphNodes.node("Mul", name, name + ".found", given.has(metric)));
      }
      default -> throw new IllegalArgumentException(metric + " is not made from probabilities");
    }
    output(name);
  }

  /**
   * Entropy of probabilities {@code [B, H, Lq, Lk]}. The runtime takes logarithms one by one, 5 ns
   * each, but those of a Softmax by vectors: a third of the time. The scores themselves, {@code max
   * s - ln max p - sum p s}, save a sixth more but lose 1e-4 where scores are about 200.
   *
   * @param logarithms of the probabilities, -infinity for 0; null if they must be taken
   */
  void entropy(AttentionSite site, String probabilities, @Nullable String logarithms) {
    String name = output(site, HeadMetric.ENTROPY);
    if (logarithms == null) {
      // 1e-30 keeps ln away from 0, and is lost beside any p that counts.
      constant(GraphNodes.scalar("sightline.metric.tiny", 1e-30f));
      add(GraphNodes.node("Add", name + ".above", probabilities, "sightline.metric.tiny"));
      add(GraphNodes.node("Log", name + ".log", name + ".above"));
    } else {
      // 0 times -infinity would be no number.
      constant(GraphNodes.scalar("sightline.metric.lowest", -1e30f));
      add(GraphNodes.node("Max", name + ".log", logarithms, "sightline.metric.lowest"));
    }
    add(GraphNodes.node("Mul", name + ".terms", probabilities, name + ".log"));
    add(reduce("ReduceSum", name + ".negative", name + ".terms", -1, 13));
    add(GraphNodes.node("Neg", name, name + ".negative"));
    output(name);
  }

  /**
   * The probabilities as {@code [B, H, Lq*Lk]}, where one lookup goes through all queries of a
   * head: 0.07 ms for {@code [8, 12, 128, 128]}, and 0.3 ms with one for each query.
   */
  private String flat(AttentionSite site, String probabilities, MetricInputs given) {
    String flat = "sightline.probabilities.flat." + site.layer();
    input(given.flat(), TensorProto.DataType.INT64_VALUE, 1);
    if (made.add(flat)) {
      add(GraphNodes.node("Reshape", flat, probabilities, given.flat()));
    }
    return flat;
  }

  /** From a context {@code [B, H, S, Dh]} alone. */
  void outputNorm(AttentionSite site, String context) {
    String name = output(site, HeadMetric.OUTPUT_NORM);
    // The runtime reduces sums by vectors, and ReduceL2 element by element.
    add(GraphNodes.node("Mul", name + ".terms", context, context));
    add(reduce("ReduceSum", name + ".square", name + ".terms", -1, 13));
    add(GraphNodes.node("Sqrt", name, name + ".square"));
    output(name);
  }

  void contributionNorm(AttentionSite site, String context, ProjectionNodes nodes) {
    String name = output(site, HeadMetric.CONTRIBUTION_NORM);
    length(name, context, nodes.gram());
    output(name);
  }

  /**
   * Adds the norms of the projected values, weighted with the probabilities.
   *
   * @param values {@code [B, KV, Lk, Dh]}
   * @param kv how many heads they have; {@code H / KV} query heads in turn share each
   */
  void valueWeighted(
      AttentionSite site, String probabilities, String values, long kv, ProjectionNodes nodes) {
    String name = output(site, HeadMetric.VALUE_WEIGHTED);
    long heads = nodes.described().heads();
    long size = nodes.described().headSize();
    constant(GraphNodes.longs(name + ".groups", kv, heads / kv, size, size));
    constant(GraphNodes.longs(name + ".shared", 0, 0, 1, -1, size));
    constant(GraphNodes.longs(name + ".column", 0, heads, -1, 1));
    constant(GraphNodes.longs("sightline.metric.rows", 0, 0, -1));
    add(GraphNodes.node("Reshape", name + ".gram", nodes.gram(), name + ".groups"));
    add(GraphNodes.node("Reshape", name + ".values", values, name + ".shared"));
    length(name + ".lengths", name + ".values", name + ".gram");
    add(GraphNodes.node("Reshape", name + ".weighed", name + ".lengths", name + ".column"));
    add(GraphNodes.node("MatMul", name + ".sum", probabilities, name + ".weighed"));
    add(GraphNodes.node("Reshape", name, name + ".sum", "sightline.metric.rows"));
    output(name);
  }

  /** {@code sqrt(z G z)}; rounding can make a product that is 0 negative. */
  private void length(String name, String vectors, String gram) {
    constant(GraphNodes.scalar("sightline.metric.zero", 0f));
    add(GraphNodes.node("MatMul", name + ".turned", vectors, gram));
    add(GraphNodes.node("Mul", name + ".terms", name + ".turned", vectors));
    add(reduce("ReduceSum", name + ".square", name + ".terms", -1, 13));
    add(GraphNodes.node("Max", name + ".positive", name + ".square", "sightline.metric.zero"));
    add(GraphNodes.node("Sqrt", name, name + ".positive"));
  }

  /** {@code z (a W^T)} over its sum, which is {@code a a^T}: the heads' contributions sum to a. */
  void signedShare(AttentionSite site, String context, ProjectionNodes nodes, String batch) {
    String name = output(site, HeadMetric.SIGNED_SHARE);
    OutputProjection projection = nodes.described();
    constant(GraphNodes.longs(name + ".split", 0, 0, projection.heads(), projection.headSize()));
    add(GraphNodes.transpose(name + ".weights", nodes.weights(), List.of(1, 0)));
    add(GraphNodes.node("MatMul", name + ".back", nodes.withoutBias(batch), name + ".weights"));
    add(GraphNodes.node("Reshape", name + ".heads", name + ".back", name + ".split"));
    add(GraphNodes.transpose(name + ".byhead", name + ".heads", List.of(0, 2, 1, 3)));
    add(GraphNodes.node("Mul", name + ".terms", name + ".byhead", context));
    add(reduce("ReduceSum", name + ".along", name + ".terms", -1, 13));
    add(
        GraphNodes.with(
            reduce("ReduceSum", name + ".all", name + ".along", 1, 13),
            GraphNodes.integer("keepdims", 1)));
    add(GraphNodes.node("Div", name, name + ".along", name + ".all"));
    output(name);
  }

  /**
   * A reduction of one axis, which is then gone.
   *
   * @param since the opset that made the axes an operand
   */
  private NodeProto reduce(String operator, String output, String input, int axis, int since) {
    NodeProto node;
    if (opset >= since) {
      String axes = "sightline.metric.axis." + (axis < 0 ? "last" : axis);
      constant(GraphNodes.longs(axes, axis));
      node = GraphNodes.node(operator, output, input, axes);
    } else {
      node =
          GraphNodes.with(
              GraphNodes.node(operator, output, input), GraphNodes.integers("axes", axis));
    }
    return GraphNodes.with(node, GraphNodes.integer("keepdims", 0));
  }

  private void add(NodeProto node) {
    graph.addNode(node);
  }

  private void constant(TensorProto tensor) {
    if (constants.add(tensor.getName())) {
      graph.addInitializer(tensor);
    }
  }

  private void input(String name, int type, int rank) {
    if (inputs.add(name)) {
      graph.addInput(GraphNodes.input(name, type, rank));
    }
  }

  private void output(String name) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(name));
  }
}
