package dev.sightline.onnx.internal.graph;

import ai.onnx.proto.OnnxMl.NodeProto;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an Einsum of two operands says about their axes, one letter each: {@code bqhd,bkhd->bhqk}.
 */
public record Equation(String left, String right, String result) {

  /** The equation of an Einsum; null for other nodes, and for equations that leave axes unnamed. */
  static @Nullable Equation of(NodeProto node) {
    if (!node.getOpType().equals("Einsum")) {
      return null;
    }
    String text = Graph.text(node, "equation").replace(" ", "");
    int comma = text.indexOf(',');
    int arrow = text.indexOf("->");
    if (comma < 0 || arrow < comma || arrow + 2 == text.length() || text.indexOf('.') >= 0) {
      return null;
    }
    return new Equation(
        text.substring(0, comma), text.substring(comma + 1, arrow), text.substring(arrow + 2));
  }

  /** The label of the last axis of the result: the keys of a score product. */
  char lastLabel() {
    return result.charAt(result.length() - 1);
  }

  /**
   * The axes of scores with the queries next to last; empty if they are there already.
   *
   * <p>The queries' label is the one that the operand without the keys alone has.
   */
  List<Integer> scoresOrder() {
    String queries = left.indexOf(lastLabel()) >= 0 ? right : left;
    String keys = queries.equals(left) ? right : left;
    int rows = -1;
    for (int a = 0; a < result.length(); a++) {
      char label = result.charAt(a);
      if (queries.indexOf(label) >= 0 && keys.indexOf(label) < 0) {
        rows = a;
      }
    }
    return rows < 0 ? List.of() : orderEndingWith(rows, result.length() - 1);
  }

  /**
   * The axes of probabilities x values with the queries next to last and the values' own axis last;
   * empty if they are there already.
   *
   * @param probabilitiesFirst whether they are the left operand
   */
  List<Integer> contextOrder(boolean probabilitiesFirst) {
    String probabilities = probabilitiesFirst ? left : right;
    String values = probabilitiesFirst ? right : left;
    int rows = -1;
    int features = -1;
    for (int a = 0; a < result.length(); a++) {
      boolean weighed = probabilities.indexOf(result.charAt(a)) >= 0;
      boolean valued = values.indexOf(result.charAt(a)) >= 0;
      if (weighed && !valued) {
        rows = a;
      } else if (valued && !weighed) {
        features = a;
      }
    }
    return rows < 0 || features < 0 ? List.of() : orderEndingWith(rows, features);
  }

  /**
   * The axes of the values with the keys next to last and their own axis last, the others as the
   * result has them; empty if they are in that order already.
   *
   * @param probabilitiesFirst whether the probabilities are the left operand
   */
  public List<Integer> valuesOrder(boolean probabilitiesFirst) {
    String probabilities = probabilitiesFirst ? left : right;
    String values = probabilitiesFirst ? right : left;
    List<Integer> order = new ArrayList<>();
    int keys = -1;
    int features = -1;
    for (int a = 0; a < result.length(); a++) {
      char label = result.charAt(a);
      if (values.indexOf(label) >= 0 && probabilities.indexOf(label) >= 0) {
        order.add(values.indexOf(label));
      } else if (values.indexOf(label) >= 0) {
        features = values.indexOf(label);
      }
    }
    for (int a = 0; a < values.length(); a++) {
      keys = result.indexOf(values.charAt(a)) < 0 ? a : keys;
    }
    order.add(keys);
    order.add(features);
    boolean isWhole = order.stream().distinct().count() == values.length() && !order.contains(-1);
    boolean asItIs = order.equals(order.stream().sorted().toList());
    return asItIs || !isWhole ? List.of() : order;
  }

  private List<Integer> orderEndingWith(int nextToLast, int last) {
    List<Integer> order = new ArrayList<>();
    for (int a = 0; a < result.length(); a++) {
      if (a != nextToLast && a != last) {
        order.add(a);
      }
    }
    order.add(nextToLast);
    order.add(last);
    boolean asItIs = nextToLast == result.length() - 2 && last == result.length() - 1;
    return asItIs ? List.of() : order;
  }
}
