package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import dev.sightline.onnx.internal.graph.TapPoint.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A product that probabilities enter, and how its operands and its result are laid out.
 *
 * @param probabilities the operand that they are, or that they became
 * @param swapped whether rows and columns are exchanged in it
 */
record ValueProduct(Graph graph, NodeProto product, String probabilities, boolean swapped) {
  private static final Set<String> OF_WHOLE_NUMBERS = Set.of("MatMulInteger", "QLinearMatMul");

  private boolean onTheLeft() {
    return Graph.input(product, 0).equals(probabilities);
  }

  /** Whether it sums over the columns of the probabilities. */
  boolean sumsOverKeys() {
    Equation equation = Equation.of(product);
    if (equation != null) {
      String labels = onTheLeft() ? equation.left() : equation.right();
      int at = labels.length() - (swapped ? 2 : 1);
      return at >= 0 && equation.result().indexOf(labels.charAt(at)) < 0;
    }
    boolean turned = Graph.integer(product, onTheLeft() ? "transA" : "transB", 0) != 0;
    return onTheLeft() != (swapped ^ turned);
  }

  /** The result {@code [B, ..., Lq, Dh]}; null if it cannot be laid out. */
  @Nullable Place context() {
    String result = product.getOutputCount() == 0 ? null : scaled();
    if (result == null) {
      return null;
    }
    Equation equation = Equation.of(product);
    if (equation != null) {
      return swapped ? null : Place.permuted(result, equation.contextOrder(onTheLeft()));
    }
    return onTheLeft() ? Place.of(result) : turned(result);
  }

  /** The other operand {@code [B, ..., Lk, Dh]}; null if it cannot be laid out. */
  @Nullable Place values() {
    if (OF_WHOLE_NUMBERS.contains(product.getOpType())) {
      return null;
    }
    boolean left = onTheLeft();
    String values = Graph.input(product, left ? Graph.rightOperand(product) : 0);
    Equation equation = Equation.of(product);
    if (equation != null) {
      return swapped ? null : Place.permuted(values, equation.valuesOrder(left));
    }
    boolean transposed = Graph.integer(product, left ? "transB" : "transA", 0) != 0;
    return left == transposed ? turned(values) : Place.of(values);
  }

  /** With the last two axes exchanged. */
  private @Nullable Place turned(String tensor) {
    NodeProto turning = graph.producer(probabilities);
    int rank = turning == null ? 0 : Graph.integers(turning, "perm").size();
    if (rank < 2) {
      return null;
    }
    List<Integer> order = new ArrayList<>();
    for (int a = 0; a < rank; a++) {
      order.add(a);
    }
    Collections.swap(order, rank - 2, rank - 1);
    return Place.permuted(tensor, order);
  }

  /** The product in floating point: of whole numbers only after their scale. */
  private @Nullable String scaled() {
    String output = product.getOutput(0);
    return switch (product.getOpType()) {
      case "MatMulInteger" -> {
        String cast = onlyReader(output, "Cast");
        yield cast == null ? null : onlyReader(cast, "Mul");
      }
      case "QLinearMatMul" -> onlyReader(output, "DequantizeLinear");
      default -> output;
    };
  }

  private @Nullable String onlyReader(String tensor, String operator) {
    List<NodeProto> readers = graph.consumers(tensor);
    return readers.size() == 1
            && readers.getFirst().getOpType().equals(operator)
            && readers.getFirst().getOutputCount() > 0
        ? readers.getFirst().getOutput(0)
        : null;
  }
}
