package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.AttentionSite;
import dev.sightline.onnx.inventory.AttentionSite.Tap;
import java.util.Arrays;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Adds nodes and outputs to a model without taking it apart. Two protobuf messages written one
 * after the other read as one, their lists joined; so a model with taps is the file's own bytes
 * followed by a few hundred more.
 *
 * <p>What a graph holds as {@code [B*H, Lq, Lk]} or {@code [B, KV, G, Lq, Lk]} comes out as {@code
 * [B, H, Lq, Lk]}: the batch is outermost in all of them, and its size is that of an input.
 */
public final class Taps {
  private static final String MICROSOFT = "com.microsoft";
  public static final String BATCH = "sightline.batch";
  private static final String REST = "sightline.rest";
  private static final String ONE = "sightline.one";
  private static final String LAST = "sightline.last";
  private static final String LAST_TWO = "sightline.last_two";
  private static final String COLUMN = "sightline.column";
  private static final String ROWS = "sightline.rows";

  private final GraphProto.Builder graph = GraphProto.newBuilder();

  /**
   * Taps for a model of which an input's first axis is the batch.
   *
   * @param batchInput the name of that input
   */
  public Taps(String batchInput) {
    graph
        .addInitializer(GraphNodes.longs("sightline.first", 0))
        .addInitializer(GraphNodes.longs(REST, -1))
        .addInitializer(GraphNodes.longs(ONE, 1))
        .addInitializer(GraphNodes.longs(LAST, -1))
        .addInitializer(GraphNodes.longs(LAST_TWO, -2, -1))
        .addInitializer(GraphNodes.longs(COLUMN, 0, 1, -1, 1))
        .addInitializer(GraphNodes.longs(ROWS, 0, 0, -1))
        .addNode(GraphNodes.node("Shape", "sightline.input_shape", batchInput))
        .addNode(GraphNodes.node("Gather", BATCH, "sightline.input_shape", "sightline.first"));
  }

  /** Adds those of the taps that the site has. */
  public void add(AttentionSite site, TapPoint point, Set<Tap> taps) {
    boolean asked =
        taps.contains(Tap.PROBABILITIES)
            || taps.contains(Tap.PADDING_MASS)
            || taps.contains(Tap.VALUES);
    Place probabilities = point.probabilities();
    if (probabilities != null && asked) {
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
      new ProjectionNodes(graph, projection, "sightline.projection." + site.layer())
          .output(site.output(Tap.ATTENTION_OUTPUT), BATCH);
      output(site, Tap.ATTENTION_OUTPUT);
    }
    if (projection != null && rebuilds) {
      new ProjectionNodes(graph, projection, "sightline.rebuilt." + site.layer())
          .rebuilt(site.output(Tap.REBUILT_OUTPUT), site.output(Tap.CONTEXT));
      output(site, Tap.REBUILT_OUTPUT);
    }
    Place hidden = point.hidden();
    if (hidden != null && taps.contains(Tap.HIDDEN)) {
      shaped(site.output(Tap.HIDDEN), hidden, LAST);
      output(site, Tap.HIDDEN);
    }
  }

  /** Makes the probabilities a tensor {@code [B, H, Lq, Lk]} of the graph, and says which. */
  public String probabilities(AttentionSite site, TapPoint point) {
    graph
        .addAllNode(point.helper().nodes())
        .addAllInitializer(point.helper().constants())
        .addAllValueInfo(point.helper().tensors());
    Place place = Objects.requireNonNull(point.probabilities(), "a site that is read");
    shaped(site.output(Tap.PROBABILITIES), place, LAST_TWO);
    return site.output(Tap.PROBABILITIES);
  }

  /**
   * Makes the logarithms of the probabilities {@code [B, H, Lq, Lk]}, from the scores where a
   * Softmax made them and nothing changed them since; null elsewhere.
   */
  public @Nullable String logProbabilities(AttentionSite site, TapPoint point, Graph main) {
    Place place = Objects.requireNonNull(point.probabilities(), "a site that is read");
    NodeProto softmax =
        point.helper().nodes().stream()
            .filter(node -> node.getOutputList().contains(place.tensor()))
            .findFirst()
            .orElse(main.producer(place.tensor()));
    if (softmax == null || !softmax.getOpType().equals("Softmax")) {
      return null;
    }
    String name = "sightline.logarithms." + site.layer();
    Place scores = new Place(Graph.input(softmax, 0), place.heads(), place.order());
    shaped(name + ".scores", scores, LAST_TWO);
    graph.addNode(
        GraphNodes.with(
            GraphNodes.node("LogSoftmax", name, name + ".scores"), GraphNodes.integer("axis", -1)));
    return name;
  }

  /** Makes the context a tensor {@code [B, H, S, Dh]} of the graph, and says which. */
  public String context(AttentionSite site, TapPoint point) {
    Place place = Objects.requireNonNull(point.context(), "a site that has one");
    shaped(site.output(Tap.CONTEXT), place, LAST_TWO);
    return site.output(Tap.CONTEXT);
  }

  /**
   * Makes the values a tensor {@code [B, KV, Lk, Dh]} of the graph, and says which. The
   * probabilities must have been made before.
   */
  public String values(AttentionSite site, TapPoint point) {
    Place place = Objects.requireNonNull(point.values(), "a site that has some");
    shaped(site.output(Tap.VALUES), place, LAST_TWO);
    return site.output(Tap.VALUES);
  }

  /** What is being added. */
  public GraphProto.Builder graph() {
    return graph;
  }

  private void output(AttentionSite site, Tap tap) {
    graph.addOutput(ValueInfoProto.newBuilder().setName(site.output(tap)));
  }

  /** Probabilities {@code [B, H, Lq, Lk]} times the padding as a column {@code [B, 1, Lk, 1]}. */
  private void paddingMass(AttentionSite site) {
    String mass = site.output(Tap.PADDING_MASS);
    graph.addInput(
        ValueInfoProto.newBuilder()
            .setName(site.paddingInput())
            .setType(
                TypeProto.newBuilder()
                    .setTensorType(
                        TypeProto.Tensor.newBuilder()
                            .setElemType(TensorProto.DataType.FLOAT_VALUE)
                            .setShape(
                                TensorShapeProto.newBuilder()
                                    .addDim(dim("sightline.rows_of." + site.layer()))
                                    .addDim(dim("sightline.keys_of." + site.layer()))))));
    // Whoever asks for no sum feeds a single value, which stretches to all keys.
    graph
        .addNode(GraphNodes.node("Reshape", mass + ".given", site.paddingInput(), COLUMN))
        .addNode(GraphNodes.node("Shape", mass + ".was", site.output(Tap.PROBABILITIES)))
        .addNode(GraphNodes.node("Gather", mass + ".keys", mass + ".was", LAST))
        .addNode(concat(mass + ".shape", ONE, ONE, mass + ".keys", ONE))
        .addNode(GraphNodes.node("Expand", mass + ".column", mass + ".given", mass + ".shape"))
        .addNode(
            GraphNodes.node(
                "MatMul", mass + ".rows", site.output(Tap.PROBABILITIES), mass + ".column"))
        .addNode(GraphNodes.node("Reshape", mass, mass + ".rows", ROWS));
    output(site, Tap.PADDING_MASS);
  }

  /** The tensor in float32 as {@code [B, rest, last axes]}. */
  private void shaped(String name, Place place, String lastAxes) {
    String tensor = place.tensor();
    if (place.heads() > 0) {
      graph
          .addInitializer(GraphNodes.longs(name + ".split", 0, 0, place.heads(), -1))
          .addNode(GraphNodes.node("Reshape", name + ".heads", tensor, name + ".split"));
      tensor = name + ".heads";
    }
    if (!place.order().isEmpty()) {
      graph.addNode(GraphNodes.transpose(name + ".ordered", tensor, place.order()));
      tensor = name + ".ordered";
    }
    graph
        .addNode(GraphNodes.castToFloat(name + ".float", tensor))
        .addNode(GraphNodes.node("Shape", name + ".was", tensor))
        .addNode(GraphNodes.node("Gather", name + ".kept", name + ".was", lastAxes))
        .addNode(concat(name + ".shape", BATCH, REST, name + ".kept"))
        .addNode(GraphNodes.node("Reshape", name, name + ".float", name + ".shape"));
  }

  static NodeProto concat(String output, String... inputs) {
    return GraphNodes.with(
        GraphNodes.node("Concat", output, inputs), GraphNodes.integer("axis", 0));
  }

  /** The model's bytes with the taps behind them. */
  public byte[] appendedTo(byte[] model, ModelProto parsed) {
    ModelProto.Builder suffix = ModelProto.newBuilder().setGraph(graph);
    boolean microsoftUsed =
        graph.getNodeList().stream().anyMatch(node -> node.getDomain().equals(MICROSOFT));
    boolean imported =
        parsed.getOpsetImportList().stream().anyMatch(o -> o.getDomain().equals(MICROSOFT));
    if (microsoftUsed && !imported) {
      suffix.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(MICROSOFT).setVersion(1));
    }
    byte[] more = suffix.build().toByteArray();
    byte[] whole = Arrays.copyOf(model, Math.addExact(model.length, more.length));
    System.arraycopy(more, 0, whole, model.length, more.length);
    return whole;
  }

  private static TensorShapeProto.Dimension dim(String name) {
    return TensorShapeProto.Dimension.newBuilder().setDimParam(name).build();
  }
}
