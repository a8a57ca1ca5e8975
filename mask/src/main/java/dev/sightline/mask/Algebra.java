package dev.sightline.mask;

import java.util.ArrayList;
import java.util.List;

/**
 * And, or and not, brought into one shape: chains are flat, a double negation is none. So {@code (A
 * & B) & C} and {@code A & (B & C)} are equal values, and long chains do not nest.
 */
final class Algebra {
  private Algebra() {}

  static Node and(List<Node> nodes) {
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

  static Node or(List<Node> nodes) {
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

  static Node not(Node node) {
    return node instanceof Node.Not not ? not.part() : new Node.Not(node);
  }
}
