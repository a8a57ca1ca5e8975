package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.MaskRoutes.Operand;
import dev.sightline.onnx.internal.graph.Projections.Origin;
import dev.sightline.onnx.internal.graph.TapPoint.Helper;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.AttentionSite.Source;
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
  private static final String MICROSOFT = "com.microsoft";

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
  private final String name;

  /**
   * An attention that is one node.
   *
   * @param layer the number of the site, after which the new tensors are called
   */
  FusedAttention(Graph graph, NodeProto node, int layer) {
    this.graph = graph;
    this.node = node;
    this.name = "sightline.fused." + layer;
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
      return new TapPoint(null, null, null, origin.place(), outputs.below(null), Helper.NONE);
    }
    return switch (operator()) {
      case "Attention" -> standard(origin, outputs);
      case "com.microsoft.GroupQueryAttention" -> groupQuery(origin, outputs);
      case "com.microsoft.MultiHeadAttention" -> multiHead(origin, outputs);
      default -> withWeights(origin, outputs);
    };
  }

  /** Mode 3 of the standard operator is what its Softmax gives. */
  private TapPoint standard(Origin origin, OutputProjections outputs) {
    String probabilities = name + ".probabilities";
    NodeProto twin = twin(GraphNodes.integer("qk_matmul_output_mode", 3), probabilities);
    long heads = Graph.integer(node, "q_num_heads", 0);
    Place context =
        heads > 0
            ? Place.merged(node.getOutput(0), Math.toIntExact(heads))
            : Place.of(node.getOutput(0));
    return new TapPoint(
        Place.of(probabilities),
        context,
        heads > 0 ? given("kv_num_heads", 4, 5) : Place.of(Graph.input(node, 2)),
        origin.place(),
        outputs.below(context),
        new Helper(List.of(twin), List.of(), List.of()));
  }

  /**
   * Mode 2 is what the Softmax gives. Columns behind a row's own length are memory that the runtime
   * did not write, so they are made 0.
   */
  private TapPoint groupQuery(Origin origin, OutputProjections outputs) {
    String raw = name + ".raw";
    List<NodeProto> nodes = new ArrayList<>();
    NodeProto.Builder twin = twin(GraphNodes.integer("qk_output", 2), raw).toBuilder();
    // What it gives must be declared, and has the type of what it is given, which a file need not
    // say: so it is given float32.
    for (int operand : new int[] {0, 1, 2, 3, 4, 7, 8, 10, 11}) {
      if (graph.isGiven(node, operand)) {
        String cast = name + ".operand." + operand;
        nodes.add(GraphNodes.castToFloat(cast, node.getInput(operand)));
        twin.setInput(operand, cast);
      }
    }
    nodes.add(twin.build());
    nodes.add(GraphNodes.node("Shape", name + ".shape", raw));
    nodes.add(GraphNodes.node("Gather", name + ".keys", name + ".shape", name + ".last"));
    nodes.add(
        GraphNodes.node("Range", name + ".slots", name + ".zero", name + ".keys", name + ".one"));
    nodes.add(GraphNodes.castToLong(name + ".ends", Graph.input(node, 5)));
    nodes.add(GraphNodes.node("Reshape", name + ".ends4", name + ".ends", name + ".column"));
    nodes.add(GraphNodes.node("Greater", name + ".behind", name + ".slots", name + ".ends4"));
    nodes.add(
        GraphNodes.node("Where", name + ".probabilities", name + ".behind", name + ".none", raw));
    Helper helper =
        new Helper(
            nodes,
            List.of(
                GraphNodes.scalar(name + ".last", -1),
                GraphNodes.scalar(name + ".zero", 0),
                GraphNodes.scalar(name + ".one", 1),
                GraphNodes.longs(name + ".column", -1, 1, 1, 1),
                GraphNodes.scalar(name + ".none", 0f)),
            List.of(GraphNodes.floatTensor(raw)));
    return new TapPoint(
        Place.of(name + ".probabilities"),
        merged(),
        given("kv_num_heads", 3, 4),
        origin.place(),
        outputs.below(merged()),
        helper);
  }

  /** The fourth output is the score with every mask in it, before the Softmax. */
  private TapPoint multiHead(Origin origin, OutputProjections outputs) {
    Place values = given("num_heads", 3, 6, 7); // a bias is added to the values as well
    return softmaxOf(List.of(twin(null, name + ".scores")), List.of(), values, origin, outputs);
  }

  /**
   * The operator with the weights inside has no output for scores; MultiHeadAttention, fed with the
   * same projections and the same mask, has, and it masks in the same way.
   */
  private TapPoint withWeights(Origin origin, OutputProjections outputs) {
    String projected = name + ".projected";
    List<NodeProto> nodes = new ArrayList<>();
    nodes.add(
        GraphNodes.node("MatMul", name + ".product", Graph.input(node, 0), Graph.input(node, 1)));
    boolean biased = graph.isGiven(node, 2);
    if (biased) {
      nodes.add(GraphNodes.node("Add", projected, name + ".product", Graph.input(node, 2)));
    } else {
      nodes.add(GraphNodes.node("Identity", projected, name + ".product"));
    }
    List<ai.onnx.proto.OnnxMl.TensorProto> constants = new ArrayList<>();
    // Reshape to [B, S, 3, D] would do for equal sizes; slices do for all.
    List<Long> sizes = Graph.integers(node, "qkv_hidden_sizes");
    for (int part = 0; part < 3; part++) {
      String output = name + List.of(".query", ".key", ".value").get(part);
      if (sizes.size() == 3) {
        long from = sizes.subList(0, part).stream().mapToLong(size -> size).sum();
        constants.add(GraphNodes.longs(output + ".from", from));
        constants.add(GraphNodes.longs(output + ".to", from + sizes.get(part)));
        constants.add(GraphNodes.longs(output + ".axis", 2));
        nodes.add(
            GraphNodes.node(
                "Slice", output, projected, output + ".from", output + ".to", output + ".axis"));
      } else {
        constants.add(GraphNodes.scalar(output + ".which", part));
        if (part == 0) {
          constants.add(GraphNodes.longs(name + ".thirds", 0, 0, 3, -1));
          nodes.add(GraphNodes.node("Reshape", name + ".three", projected, name + ".thirds"));
        }
        nodes.add(
            GraphNodes.with(
                GraphNodes.node("Gather", output, name + ".three", output + ".which"),
                GraphNodes.integer("axis", 2)));
      }
    }
    NodeProto.Builder twin =
        NodeProto.newBuilder()
            .setOpType("MultiHeadAttention")
            .setDomain(MICROSOFT)
            .setName(name)
            .addInput(name + ".query")
            .addInput(name + ".key")
            .addInput(name + ".value")
            .addInput("")
            .addInput(Graph.input(node, 3))
            .addInput(Graph.input(node, 5))
            .addAllOutput(List.of(name + ".twin", "", "", name + ".scores"));
    for (AttributeProto attribute : node.getAttributeList()) {
      if (Set.of("num_heads", "mask_filter_value", "scale", "unidirectional")
          .contains(attribute.getName())) {
        twin.addAttribute(attribute);
      }
    }
    nodes.add(twin.build());
    Place context = merged();
    Place values = context == null ? null : Place.merged(name + ".value", context.heads());
    return softmaxOf(nodes, constants, values, origin, outputs);
  }

  private TapPoint softmaxOf(
      List<NodeProto> before,
      List<ai.onnx.proto.OnnxMl.TensorProto> constants,
      @Nullable Place values,
      Origin origin,
      OutputProjections outputs) {
    String scores = name + ".scores";
    List<NodeProto> nodes = new ArrayList<>(before);
    nodes.add(
        GraphNodes.with(
            GraphNodes.node("Softmax", name + ".probabilities", scores),
            GraphNodes.integer("axis", -1)));
    return new TapPoint(
        Place.of(name + ".probabilities"),
        merged(),
        values,
        origin.place(),
        outputs.below(merged()),
        new Helper(nodes, constants, List.of(GraphNodes.floatTensor(scores))));
  }

  /**
   * The third operand {@code [B, Lk, KV*Dh]} as values; null if it is none, or not all of them.
   *
   * @param without the operands that would change them: a past, a bias
   */
  private @Nullable Place given(String heads, int... without) {
    long count = Graph.integer(node, heads, 0);
    boolean whole = IntStream.of(without).noneMatch(operand -> graph.isGiven(node, operand));
    return count > 0 && whole && graph.isGiven(node, 2)
        ? Place.merged(node.getInput(2), Math.toIntExact(count))
        : null;
  }

  private @Nullable Place merged() {
    long heads = Graph.integer(node, "num_heads", 0);
    return heads > 0 ? Place.merged(node.getOutput(0), Math.toIntExact(heads)) : null;
  }

  /** The same node once more, with its fourth output. */
  private NodeProto twin(@Nullable AttributeProto attribute, String fourth) {
    NodeProto.Builder twin =
        node.toBuilder()
            .setName(name)
            .clearOutput()
            .addAllOutput(List.of(name + ".twin", "", "", fourth));
    // An operator with a cache gives it on, whether or not anyone reads it.
    for (int output : new int[] {1, 2}) {
      if (output < node.getOutputCount() && !node.getOutput(output).isEmpty()) {
        twin.setOutput(output, name + ".twin." + output);
      }
    }
    return attribute == null ? twin.build() : GraphNodes.with(twin.build(), attribute);
  }
}
