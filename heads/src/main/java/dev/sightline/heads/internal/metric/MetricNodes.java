package dev.sightline.heads.internal.metric;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.graph.ProjectionNodes;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.OutputProjection;
import dev.sightline.tensor.ElementType;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
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
  private final GraphBuilder graph;
  private final long opset;
  private final Set<String> inputs = new LinkedHashSet<>();
  private final Map<Integer, String> flattened = new HashMap<>();

  MetricNodes(GraphBuilder graph, long opset) {
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
    switch (metric) {
      case MAX_PROB -> output(site, metric, reduce("ReduceMax", probabilities, 18));
      case DISTANCE -> {
        input(given.distances(), ElementType.FLOAT32, 4);
        output(site, metric, sum(graph.node("Mul", probabilities, given.distances())));
      }
      case INDUCTION -> {
        input(given.followers(), ElementType.FLOAT32, 4);
        output(site, metric, sum(graph.node("Mul", probabilities, given.followers())));
      }
      case PADDING, SPECIAL -> {
        input(given.set(metric), ElementType.FLOAT32, 4);
        output(site, metric, rows(graph.node("MatMul", probabilities, given.set(metric))));
      }
      case SELF -> {
        input(given.diagonal(), ElementType.INT64, 1);
        output(
            site,
            metric,
            graph.op(
                "Slice",
                flat(site, probabilities, given),
                graph.longs(0),
                graph.longs(Long.MAX_VALUE),
                graph.longs(2),
                given.diagonal()));
      }
      case FIRST_TOKEN, PREVIOUS -> {
        input(given.place(metric), ElementType.INT64, 3);
        input(given.has(metric), ElementType.FLOAT32, 3);
        String places = graph.node("Expand", given.place(metric), graph.longs(1, heads, 1));
        GraphBuilder.Op found =
            graph.op("GatherElements", flat(site, probabilities, given), places).with("axis", 2);
        output(site, metric, graph.op("Mul", found.out(), given.has(metric)));
      }
      default -> throw new IllegalArgumentException(metric + " is not made from probabilities");
    }
  }

  /**
   * Entropy of probabilities {@code [B, H, Lq, Lk]}. The runtime takes logarithms one by one, 5 ns
   * each, but those of a Softmax by vectors: a third of the time. The scores themselves, {@code max
   * s - ln max p - sum p s}, save a sixth more but lose 1e-4 where scores are about 200.
   *
   * @param logarithms of the probabilities, -infinity for 0; null if they must be taken
   */
  void entropy(AttentionSite site, String probabilities, @Nullable String logarithms) {
    String bounded;
    if (logarithms == null) {
      // 1e-30 keeps ln away from 0, and is lost beside any p that counts.
      String above = graph.node("Add", probabilities, graph.scalar(1e-30));
      bounded = graph.node("Log", above);
    } else {
      // 0 times -infinity would be no number.
      bounded = graph.node("Max", logarithms, graph.scalar(-1e30));
    }
    String negative = sum(graph.node("Mul", probabilities, bounded)).out();
    output(site, HeadMetric.ENTROPY, graph.op("Neg", negative));
  }

  /**
   * The probabilities as {@code [B, H, Lq*Lk]}, where one lookup goes through all queries of a
   * head: 0.07 ms for {@code [8, 12, 128, 128]}, and 0.3 ms with one for each query.
   */
  private String flat(AttentionSite site, String probabilities, MetricInputs given) {
    input(given.flat(), ElementType.INT64, 1);
    return flattened.computeIfAbsent(
        site.layer(), layer -> graph.node("Reshape", probabilities, given.flat()));
  }

  /** From a context {@code [B, H, S, Dh]} alone. */
  void outputNorm(AttentionSite site, String context) {
    // The runtime reduces sums by vectors, and ReduceL2 element by element.
    String squares = sum(graph.node("Mul", context, context)).out();
    output(site, HeadMetric.OUTPUT_NORM, graph.op("Sqrt", squares));
  }

  void contributionNorm(AttentionSite site, String context, ProjectionNodes nodes) {
    output(site, HeadMetric.CONTRIBUTION_NORM, length(context, nodes.gram()));
  }

  /**
   * Adds the norms of the projected values, weighted with the probabilities.
   *
   * @param values {@code [B, KV, Lk, Dh]}
   * @param kv how many heads they have; {@code H / KV} query heads in turn share each
   */
  void valueWeighted(
      AttentionSite site, String probabilities, String values, long kv, ProjectionNodes nodes) {
    long heads = nodes.described().heads();
    long size = nodes.described().headSize();
    String gram = graph.reshape(nodes.gram(), kv, heads / kv, size, size);
    String lengths = length(graph.reshape(values, 0, 0, 1, -1, size), gram).out();
    String column = graph.reshape(lengths, 0, heads, -1, 1);
    output(site, HeadMetric.VALUE_WEIGHTED, rows(graph.node("MatMul", probabilities, column)));
  }

  /** {@code sqrt(z G z)}; rounding can make a product that is 0 negative. */
  private GraphBuilder.Op length(String vectors, String gram) {
    String squares = sum(graph.node("Mul", graph.node("MatMul", vectors, gram), vectors)).out();
    String positive = graph.node("Max", squares, graph.scalar(0));
    return graph.op("Sqrt", positive);
  }

  /** {@code z (a W^T)} over its sum, which is {@code a a^T}: the heads' contributions sum to a. */
  void signedShare(AttentionSite site, String context, ProjectionNodes nodes) {
    OutputProjection projection = nodes.described();
    String back = graph.node("MatMul", nodes.withoutBias(), graph.transpose(nodes.weights(), 1, 0));
    String heads = graph.reshape(back, 0, 0, projection.heads(), projection.headSize());
    String terms = graph.node("Mul", graph.transpose(heads, 0, 2, 1, 3), context);
    String along = sum(terms).out();
    String all = reduce("ReduceSum", along, 1, 13).with("keepdims", 1).out();
    output(site, HeadMetric.SIGNED_SHARE, graph.op("Div", along, all));
  }

  private GraphBuilder.Op sum(String input) {
    return reduce("ReduceSum", input, 13);
  }

  private GraphBuilder.Op reduce(String operator, String input, int since) {
    return reduce(operator, input, -1, since);
  }

  /**
   * A reduction of one axis, which is then gone.
   *
   * @param since the opset that made the axes an operand
   */
  private GraphBuilder.Op reduce(String operator, String input, int axis, int since) {
    GraphBuilder.Op reduced =
        opset >= since
            ? graph.op(operator, input, graph.longs(axis))
            : graph.op(operator, input).withAll("axes", axis);
    return reduced.with("keepdims", 0);
  }

  /** A column {@code [B, H, Lq, 1]} as {@code [B, H, Lq]}. */
  private GraphBuilder.Op rows(String column) {
    return graph.op("Reshape", column, graph.longs(0, 0, -1));
  }

  private void input(String name, ElementType type, int rank) {
    if (inputs.add(name)) {
      String[] dims = new String[rank];
      Arrays.setAll(dims, axis -> name + ".axis." + axis);
      graph.input(name, type, dims);
    }
  }

  private void output(AttentionSite site, HeadMetric metric, GraphBuilder.Op result) {
    String name = output(site, metric);
    graph.outputOf(result.named(name).out());
  }
}
