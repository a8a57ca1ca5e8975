package dev.sightline.mask.internal.expression;

import java.util.ArrayList;
import java.util.List;

/**
 * And, or and not in one form: chains are flat, and a double negation is removed. So {@code (A & B)
 * & C} and {@code A & (B & C)} are equal values, and long chains do not nest.
 */
public final class Algebra {
  private Algebra() {}

  /** Every node allows. */
  public static Node and(List<Node> nodes) {
    List<Node> parts = new ArrayList<>();
    for (Node node : nodes) {
      if (node instanceof Node.And and) {
        parts.addAll(and.parts());
      } else {
        parts.add(node);
      }
    }
    return parts.size() == 1 ? parts.get(0) : new Node.And(List.copyOf(parts));
  }

  /** Some node allows. */
  public static Node or(List<Node> nodes) {
    List<Node> parts = new ArrayList<>();
    for (Node node : nodes) {
      if (node instanceof Node.Or or) {
        parts.addAll(or.parts());
      } else {
        parts.add(node);
      }
    }
    return parts.size() == 1 ? parts.get(0) : new Node.Or(List.copyOf(parts));
  }

  /** The node forbids. */
  public static Node not(Node node) {
    return node instanceof Node.Not not ? not.part() : new Node.Not(node);
  }
}
