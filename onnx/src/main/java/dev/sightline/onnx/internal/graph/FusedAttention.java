package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.MaskRoutes.Operand;
import dev.sightline.onnx.internal.graph.Projections.Origin;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.AttentionSite.Source;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An attention that is one node. Its probabilities come from a second node beside it, which the
 * runtime gives the same operands and asks for what it multiplies: so the masking that is seen is
 * the runtime's own, and the model's node stays as it is.
 */
final class FusedAttention {
  private static final String MICROSOFT = GraphBuilder.MICROSOFT;

  /** Attributes that com.microsoft.Attention shares with MultiHeadAttention. */
  static final Set<String> SHARED_ATTRIBUTES =
      Set.of("num_heads", "mask_filter_value", "scale", "unidirectional");

  private static final Set<String> MICROSOFT_OPERATORS =
      Set.of(
          "Attention",
          "MultiHeadAttention",
          "GroupQueryAttention",
          "QAttention",
          "DecoderAttention",
          "DecoderMaskedSelfAttention",
          "DecoderMaskedMultiHeadAttention",
          "PackedAttention",
          "PackedMultiHeadAttention",
          "PagedAttention",
          "SparseAttention",
          "LongformerAttention");

  private final Graph graph;
  private final NodeProto node;
  private final int layer;
  private final GraphBuilder added;

  /**
   * An attention that is one node.
   *
   * @param layer the number of the site, after which the new tensors are called
   */
  FusedAttention(Graph graph, NodeProto node, int layer) {
    this.graph = graph;
    this.node = node;
    this.layer = layer;
    added = GraphBuilder.addition("sightline.fused." + layer + ".");
  }

  static boolean isOne(NodeProto node) {
    return node.getDomain().equals(MICROSOFT)
        ? MICROSOFT_OPERATORS.contains(node.getOpType())
        : node.getOpType().equals("Attention") && ProtoFile.domain(node.getDomain()).isEmpty();
  }

  /** The operator with its domain, the standard one left out. */
  String operator() {
    return node.getDomain().equals(MICROSOFT)
        ? MICROSOFT + "." + node.getOpType()
        : node.getOpType();
  }

  /** The operands that can say which keys count. */
  List<Operand> masks() {
    List<Integer> places =
        switch (operator()) {
          case "Attention" -> List.of(3, 6);
          case "com.microsoft.Attention" -> List.of(3, 5);
          case "com.microsoft.MultiHeadAttention" -> List.of(4, 5);
          case "com.microsoft.GroupQueryAttention" -> List.of(5, 10);
          case "com.microsoft.QAttention" -> List.of(5);
          case "com.microsoft.DecoderMaskedMultiHeadAttention" -> List.of(3, 4);
          case "com.microsoft.DecoderMaskedSelfAttention" -> List.of(3);
          case "com.microsoft.DecoderAttention" -> List.of(5);
          case "com.microsoft.PackedAttention" -> List.of(3, 4, 5);
          case "com.microsoft.PackedMultiHeadAttention" -> List.of(4, 5, 6);
          case "com.microsoft.SparseAttention" -> List.of(5, 6, 8);
          case "com.microsoft.LongformerAttention" -> List.of(3, 6);
          default -> List.of();
        };
    return places.stream()
        .map(place -> Graph.input(node, place))
        .filter(tensor -> !tensor.isEmpty())
        .map(tensor -> new Operand(node.getOpType(), tensor))
        .toList();
  }

  private boolean projectsByItself() {
    return Set.of("Attention", "QAttention", "PackedAttention", "LongformerAttention")
            .contains(node.getOpType())
        && node.getDomain().equals(MICROSOFT);
  }

  Source source(Projections projections) {
    if (projectsByItself()) {
      return Source.SELF;
    }
    String key = Graph.input(node, 1);
    if (key.isEmpty()) {
      return Source.SELF; // queries, keys and values packed into the first operand
    }
    return Projections.source(projections.of(Graph.input(node, 0)), projections.of(key));
  }

  /** Why there is nothing to read; null if there is. */
  @Nullable String whyNotReadable() {
    return switch (operator()) {
      case "Attention" -> null;
      case "com.microsoft.GroupQueryAttention" ->
          graph.isGiven(node, 12) || graph.isGiven(node, 13)
              ? "a GroupQueryAttention with a quantised cache is not recomputed"
              : null;
      case "com.microsoft.MultiHeadAttention" ->
          graph.isGiven(node, 8)
              ? "a MultiHeadAttention that shares its cache cannot be run twice"
              : null;
      case "com.microsoft.Attention" -> {
        if (graph.isGiven(node, 4)) {
          yield "an Attention with a past is not recomputed";
        }
        if (Graph.integer(node, "do_rotary", 0) != 0) {
          yield "an Attention with rotary positions is not recomputed";
        }
        yield null;
      }
      default -> "a fused " + node.getOpType() + " operator keeps its probabilities to itself";
    };
  }

  TapPoint tapPoint(Projections projections, OutputProjections outputs) {
    Origin origin =
        projectsByItself()
            ? projections.ofHidden(Graph.input(node, 0))
            : projections.of(Graph.input(node, 0));
    if (whyNotReadable() != null) {
      return new TapPoint(
          null,
          null,
          null,
          origin.place(),
          outputs.below(null),
          GraphProto.getDefaultInstance(),
          null,
          new ScoreOperands(null, null));
    }
    return switch (operator()) {
      case "Attention" -> standard(origin, outputs);
      case "com.microsoft.GroupQueryAttention" -> groupQuery(origin, outputs);
      case "com.microsoft.MultiHeadAttention" -> multiHead(origin, outputs);
      default -> withWeights(origin, outputs);
    };
  }

  /** In mode 3 the standard operator's fourth output is what its Softmax gives. */
  private TapPoint standard(Origin origin, OutputProjections outputs) {
    GraphBuilder.Op twin = twin(node.getInputList()).with("qk_matmul_output_mode", 3);
    Place probabilities = Place.of(twin.more());
    int heads = Graph.heads(node, "q_num_heads");
    Place context =
        heads > 0 ? Place.merged(node.getOutput(0), heads) : Place.of(node.getOutput(0));
    return new TapPoint(
        probabilities,
        context,
        heads > 0 ? given("kv_num_heads", 4, 5) : Place.of(Graph.input(node, 2)),
        origin.place(),
        outputs.below(context),
        added.graph(),
        mask(),
        heads > 0
            ? operands(given(0, "q_num_heads", 4, 5), given(1, "kv_num_heads", 4, 5))
            : graph.isGiven(node, 4)
                ? operands(null, null)
                : operands(Place.of(Graph.input(node, 0)), Place.of(Graph.input(node, 1))));
  }

  /**
   * With qk_output 2 the fourth output is what the Softmax gives. Columns after a row's own length
   * are memory that the runtime did not write, so they are made 0.
   */
  private TapPoint groupQuery(Origin origin, OutputProjections outputs) {
    List<String> operands = new ArrayList<>(node.getInputList());
    // The type of the fourth output must be declared. It is that of the operands, which a file need
    // not say: so they are cast to float32.
    for (int operand : new int[] {0, 1, 2, 3, 4, 7, 8, 10, 11}) {
      if (graph.isGiven(node, operand)) {
        operands.set(operand, added.cast(node.getInput(operand), ElementType.FLOAT32));
      }
    }
    String raw = twin(operands).with("qk_output", 2).more();
    added.declare(raw, ElementType.FLOAT32);
    String keys = added.range(added.size(raw, -1));
    String ends = added.reshape(added.cast(Graph.input(node, 5), ElementType.INT64), -1, 1, 1, 1);
    String unwritten = added.node("Greater", keys, ends);
    String probabilities = added.node("Where", unwritten, added.scalar(0), raw);
    return new TapPoint(
        Place.of(probabilities),
        merged(),
        given("kv_num_heads", 3, 4),
        origin.place(),
        outputs.below(merged()),
        added.graph(),
        mask(),
        Graph.integer(node, "do_rotary", 0) != 0
            ? operands(null, null)
            : operands(given(0, "num_heads", 3, 4), given(1, "kv_num_heads", 3, 4)));
  }

  private static ScoreOperands operands(@Nullable Place queries, @Nullable Place keys) {
    return new ScoreOperands(queries, keys);
  }

  private MaskPoint mask() {
    return new FusedMask(graph, node, layer).point();
  }

  /** The fourth output is the score with every mask in it, before the Softmax. */
  private TapPoint multiHead(Origin origin, OutputProjections outputs) {
    Place values = given("num_heads", 3, 6, 7); // a bias is added to the values as well
    ScoreOperands operands =
        operands(given(0, "num_heads", 3, 6, 7), given(1, "num_heads", 3, 6, 7));
    return softmaxOf(twin(node.getInputList()), values, operands, origin, outputs);
  }

  /**
   * The operator with the weights inside has no output for scores; MultiHeadAttention, fed with the
   * same projections and the same mask, has, and it masks in the same way.
   */
  private TapPoint withWeights(Origin origin, OutputProjections outputs) {
    List<String> parts = projectedParts();
    GraphBuilder.Op twin =
        added
            .op(
                "MultiHeadAttention",
                parts.get(0),
                parts.get(1),
                parts.get(2),
                "",
                Graph.input(node, 3),
                Graph.input(node, 5))
            .of(GraphBuilder.MICROSOFT);
    node.getAttributeList().stream()
        .filter(a -> SHARED_ATTRIBUTES.contains(a.getName()))
        .forEach(twin::with);
    twin.skip().skip();
    Place context = merged();
    Place values = context == null ? null : Place.merged(parts.get(2), context.heads());
    ScoreOperands operands =
        context == null
            ? operands(null, null)
            : operands(
                Place.merged(parts.get(0), context.heads()),
                Place.merged(parts.get(1), context.heads()));
    return softmaxOf(twin, values, operands, origin, outputs);
  }

  /** Queries, keys and values {@code [B, S, H*Dh]}, projected with the weights of the operator. */
  private List<String> projectedParts() {
    return projectedParts(graph, node, added);
  }

  static List<String> projectedParts(Graph graph, NodeProto node, GraphBuilder added) {
    String projected = added.node("MatMul", Graph.input(node, 0), Graph.input(node, 1));
    if (graph.isGiven(node, 2)) {
      projected = added.node("Add", projected, Graph.input(node, 2));
    }
    List<Long> sizes = Graph.integers(node, "qkv_hidden_sizes");
    List<String> parts = new ArrayList<>();
    if (sizes.size() == 3) {
      long from = 0;
      for (long size : sizes) {
        parts.add(added.slice(projected, 2, from, from + size));
        from += size;
      }
    } else {
      String thirds = added.reshape(projected, 0, 0, 3, -1);
      for (int part = 0; part < 3; part++) {
        parts.add(added.op("Gather", thirds, added.longScalar(part)).with("axis", 2).out());
      }
    }
    return parts;
  }

  private TapPoint softmaxOf(
      GraphBuilder.Op twin,
      @Nullable Place values,
      ScoreOperands operands,
      Origin origin,
      OutputProjections outputs) {
    String scores = twin.more();
    added.declare(scores, ElementType.FLOAT32);
    return new TapPoint(
        Place.of(added.softmax(scores)),
        merged(),
        values,
        origin.place(),
        outputs.below(merged()),
        added.graph(),
        mask(),
        operands);
  }

  /**
   * The third operand {@code [B, Lk, KV*Dh]} as values; null if it is none, or not all of them.
   *
   * @param without the operands that would change them: a past, a bias
   */
  private @Nullable Place given(String heads, int... without) {
    return given(2, heads, without);
  }

  /** As {@link #given(String, int...)} of another operand; queries come first, keys second. */
  private @Nullable Place given(int operand, String heads, int... without) {
    int count = Graph.heads(node, heads);
    boolean whole =
        IntStream.of(without).noneMatch(other -> graph.isGiven(node, other))
            && IntStream.rangeClosed(0, 2).allMatch(each -> graph.isGiven(node, each));
    return count > 0 && whole ? Place.merged(node.getInput(operand), count) : null;
  }

  private @Nullable Place merged() {
    int heads = Graph.heads(node, "num_heads");
    return heads > 0 ? Place.merged(node.getOutput(0), heads) : null;
  }

  /** Adds the same node once more, up to its third output. */
  private GraphBuilder.Op twin(List<String> operands) {
    return twin(node, added, operands);
  }

  static GraphBuilder.Op twin(NodeProto node, GraphBuilder added, List<String> operands) {
    GraphBuilder.Op twin =
        added.op(node.getOpType(), operands.toArray(String[]::new)).of(node.getDomain());
    node.getAttributeList().forEach(twin::with);
    // An operator with a cache passes it on, whether or not a node reads it.
    for (int output = 1; output <= 2; output++) {
      if (output < node.getOutputCount() && !node.getOutput(output).isEmpty()) {
        twin.more();
      } else {
        twin.skip();
      }
    }
    return twin;
  }
}
