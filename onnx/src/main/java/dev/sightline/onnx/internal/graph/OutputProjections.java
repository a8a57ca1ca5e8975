package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import dev.sightline.onnx.inventory.OutputProjection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds the product with weights that follows an attention: down from its context through whatever
 * only lays it out anew, until a constant matrix is met. What changes values on the way, a norm or
 * a gate, ends the search, since a head's slice of the matrix is then no longer what it adds.
 */
final class OutputProjections {
  private static final Set<String> LAYOUT =
      Set.of(
          "Transpose",
          "Reshape",
          "Cast",
          "Identity",
          "Squeeze",
          "Unsqueeze",
          "Flatten",
          "Dropout",
          "QuantizeLinear",
          "DequantizeLinear",
          "DynamicQuantizeLinear");

  private static final Set<String> PRODUCTS =
      Set.of("MatMul", "Gemm", "FusedMatMul", "MatMulInteger", "Einsum");

  private final Graph graph;
  private final HeadCounts heads;

  OutputProjections(Graph graph) {
    this.graph = graph;
    this.heads = new HeadCounts(graph);
  }

  /** A projection, or why there is none. */
  public record Found(@Nullable ProjectionPoint point, String why) {}

  /**
   * A tensor on the way down.
   *
   * @param axes what its axes are, as in {@code bhsd}; empty where that is not known
   * @param tokensFirst whether the axis of tokens is before that of the batch
   */
  private record Below(String tensor, String axes, boolean tokensFirst) {
    Below through(NodeProto node) {
      String output = node.getOutput(0);
      if (!node.getOpType().equals("Transpose")) {
        return new Below(output, node.getOpType().equals("Reshape") ? "?" : axes, tokensFirst);
      }
      List<Long> order = Graph.integers(node, "perm");
      if (axes.equals("?")) {
        // Heads are merged: of three axes only the first two can be exchanged.
        boolean exchange = order.equals(List.of(1L, 0L, 2L));
        return new Below(output, axes, tokensFirst ^ exchange);
      }
      String before = axes.isEmpty() ? natural(order.size()) : axes;
      StringBuilder after = new StringBuilder();
      for (long axis : order) {
        after.append(axis >= 0 && axis < before.length() ? before.charAt((int) axis) : '?');
      }
      return new Below(output, after.toString(), after.indexOf("s") == 0);
    }

    private static String natural(int rank) {
      return switch (rank) {
        case 3 -> "nsd"; // batch and heads on one axis
        case 5 -> "bkgsd";
        default -> "bhsd";
      };
    }
  }

  /** Follows a context down. */
  Found below(@Nullable Place context) {
    if (context == null) {
      return new Found(null, "what it gives could not be laid out by heads");
    }
    String axes = context.heads() > 0 ? "?" : "";
    if (context.heads() == 0 && context.order().size() == 4) {
      char[] own = new char[4];
      for (int a = 0; a < 4; a++) {
        own[context.order().get(a)] = "bhsd".charAt(a);
      }
      axes = new String(own);
    }
    Deque<Below> todo = new ArrayDeque<>(List.of(new Below(context.tensor(), axes, false)));
    Set<String> seen = new HashSet<>(Set.of(context.tensor()));
    String met = "nothing";
    while (!todo.isEmpty()) {
      Below here = todo.removeFirst();
      for (NodeProto node : graph.consumers(here.tensor)) {
        boolean isData = Graph.input(node, 0).equals(here.tensor);
        if (isData && graph.isProjection(node) && node.getOutputCount() > 0) {
          return PRODUCTS.contains(node.getOpType())
              ? at(node, context, here)
              : new Found(null, "its output projection is a " + node.getOpType());
        }
        if (isData && LAYOUT.contains(node.getOpType()) && node.getOutputCount() > 0) {
          if (seen.add(node.getOutput(0))) {
            todo.addLast(here.through(node));
          }
        } else if (!Graph.isShapeEdge(node, 0)) {
          met = "a " + node.getOpType();
        }
      }
    }
    return new Found(null, met + " follows it, and no product with weights");
  }

  private Found at(NodeProto product, Place context, Below here) {
    String weight = Graph.input(product, 1);
    List<Long> dims = heads.shapeOf(weight);
    boolean transposed = Graph.integer(product, "transB", 0) != 0;
    if (dims.size() < 2 || Graph.integer(product, "transA", 0) != 0) {
      return new Found(null, "the shape of its output projection's weights is not known");
    }
    if (product.getOpType().equals("Einsum") && !sumsRows(product, dims.size())) {
      return new Found(null, "its output projection sums over other axes than the heads'");
    }
    boolean byHeads = dims.size() == 3;
    long rows = byHeads ? dims.get(0) * dims.get(1) : dims.get(transposed ? 1 : 0);
    if (rows < 1 || rows > Integer.MAX_VALUE) {
      return new Found(null, "its output projection has " + rows + " rows");
    }
    int count = byHeads ? dims.getFirst().intValue() : heads.of(context, (int) rows);
    if (count == 0 || dims.size() > 3 || (byHeads && !product.getOpType().equals("Einsum"))) {
      return new Found(null, "the number of its heads is not written in the graph");
    }
    String zeroPoint = null;
    String scale = null;
    String output = product.getOutput(0);
    if (product.getOpType().equals("MatMulInteger")) {
      zeroPoint = graph.isGiven(product, 3) ? product.getInput(3) : null;
      NodeProto scaling = onlyReader(onlyOutput(onlyReader(output, "Cast")), "Mul");
      scale = scaling == null ? null : constantFactor(scaling);
      if (scaling == null || scale == null) {
        return new Found(null, "the scale of its quantised output projection was not found");
      }
      output = scaling.getOutput(0);
    }
    String bias = graph.isGiven(product, 2) && isGemm(product) ? product.getInput(2) : null;
    if (bias == null) {
      NodeProto add = onlyReader(output, "Add");
      String other = add == null ? "" : other(add, output);
      if (add != null && !graph.isActivation(other)) {
        bias = other;
        output = add.getOutput(0);
      }
    }
    return new Found(
        new ProjectionPoint(
            new OutputProjection(
                Graph.label(product),
                weight,
                count,
                (int) (rows / count),
                bias != null,
                beforeTheSum(output)),
            output,
            here.tokensFirst,
            weight,
            transposed,
            zeroPoint,
            scale,
            bias),
        "");
  }

  private static boolean isGemm(NodeProto product) {
    return product.getOpType().equals("Gemm");
  }

  /** Whether an Einsum sums the last axes of the left against the first ones of the weights. */
  private static boolean sumsRows(NodeProto einsum, int rank) {
    Equation equation = Equation.of(einsum);
    if (equation == null || equation.right().length() != rank) {
      return false;
    }
    String summed = equation.right().substring(0, rank - 1);
    String kept = equation.right().substring(rank - 1);
    return equation.left().endsWith(summed)
        && equation
            .result()
            .equals(
                equation.left().substring(0, equation.left().length() - summed.length()) + kept);
  }

  /** The factor that belongs to the weights, of a product of two scales. */
  private @Nullable String constantFactor(NodeProto scaling) {
    Deque<String> todo = new ArrayDeque<>(scaling.getInputList());
    for (int steps = 0; steps < 8 && !todo.isEmpty(); steps++) {
      String factor = todo.removeFirst();
      if (!graph.isActivation(factor)) {
        return factor;
      }
      NodeProto maker = graph.producer(factor);
      if (maker != null && maker.getOpType().equals("Mul")) {
        todo.addAll(maker.getInputList());
      }
    }
    return null;
  }

  /** What is between the projection and the residual sum. */
  private String beforeTheSum(String output) {
    String tensor = output;
    for (int steps = 0; steps < 16; steps++) {
      List<NodeProto> readers =
          graph.consumers(tensor).stream().filter(node -> !Graph.isShapeEdge(node, 0)).toList();
      List<String> types = readers.stream().map(NodeProto::getOpType).toList();
      if (types.isEmpty() || types.contains("SkipLayerNormalization")) {
        return "";
      }
      NodeProto first = readers.getFirst();
      boolean sums = types.contains("Add") || types.contains("SkipSimplifiedLayerNormalization");
      if (sums) {
        return "";
      }
      if (types.contains("ReduceMean") && types.contains("Sub")) {
        return "LayerNormalization";
      }
      if (types.contains("Pow") || (types.contains("Mul") && readers.size() > 1)) {
        return "RMSNormalization";
      }
      if (!LAYOUT.contains(first.getOpType()) || first.getOutputCount() == 0) {
        return first.getOpType();
      }
      tensor = first.getOutput(0);
    }
    return "";
  }

  private @Nullable NodeProto onlyReader(String tensor, String operator) {
    List<NodeProto> readers = graph.consumers(tensor);
    return readers.size() == 1
            && readers.getFirst().getOpType().equals(operator)
            && readers.getFirst().getOutputCount() > 0
        ? readers.getFirst()
        : null;
  }

  private static String onlyOutput(@Nullable NodeProto node) {
    return node == null ? "" : node.getOutput(0);
  }

  private static String other(NodeProto node, String operand) {
    return Graph.input(node, Graph.input(node, 0).equals(operand) ? 1 : 0);
  }
}
