package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.text.Excerpt;
import java.util.List;
import java.util.stream.Collectors;

/** Expressions as text, such that reading the text gives an equal expression. */
public final class Printer {
  private Printer() {}

  /** The text form on one line. */
  public static String print(Node node) {
    return print(node, " ");
  }

  /** The text form, cut to 60 characters, for messages. */
  public static String brief(Node node) {
    return Excerpt.of(print(node), 60);
  }

  /**
   * The text form.
   *
   * @param gap what separates the parts of a long kind: a blank, or a line break and an indentation
   */
  public static String print(Node node, String gap) {
    return switch (node) {
      case Node.Leaf leaf -> leaf.kind().text(gap);
      case Node.Step step -> "step(" + print(step.joint(), gap) + ")";
      case Node.Cached cached ->
          "cached(" + cached.prefix() + "; " + print(cached.suffix(), gap) + ")";
      case Node.And and -> and(and.parts(), gap);
      case Node.Or or -> list(or.parts(), " | ", gap);
      case Node.Not not -> "!" + operand(not.part(), gap);
      case Node.PerBatch per -> "per-batch(" + list(per.rows(), "; ", gap) + ")";
      case Node.PerHead per -> "per-head(" + list(per.heads(), "; ", gap) + ")";
    };
  }

  private static String list(List<Node> nodes, String between, String gap) {
    return nodes.stream().map(node -> print(node, gap)).collect(Collectors.joining(between));
  }

  private static String and(List<Node> parts, String gap) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < parts.size(); i++) {
      Node part = parts.get(i);
      if (i > 0 && part instanceof Node.Not not) {
        text.append(" - ").append(operand(not.part(), gap));
      } else {
        text.append(i > 0 ? " & " : "").append(operand(part, gap));
      }
    }
    return text.toString();
  }

  private static String operand(Node node, String gap) {
    boolean loose = node instanceof Node.And || node instanceof Node.Or;
    return loose ? "(" + print(node, gap) + ")" : print(node, gap);
  }
}
