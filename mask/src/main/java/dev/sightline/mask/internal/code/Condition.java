package dev.sightline.mask.internal.code;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A condition on a pair, in the part of Python that means the same for numbers, NumPy arrays and
 * tensors: comparisons, {@code &} and {@code |}. There is no operator for "not", which Python's
 * numbers do not share with arrays: a condition is written negated instead.
 */
sealed interface Condition {
  /** A comparison. */
  record Comparison(String left, Operator operator, String right) implements Condition {}

  /** All of at least one. */
  record All(List<Condition> parts) implements Condition {}

  /** Some of at least one. */
  record Some(List<Condition> parts) implements Condition {}

  /** Not the condition. */
  record Negated(Condition part) implements Condition {}

  /** A comparison operator and its opposite. */
  enum Operator {
    LESS("<"),
    AT_MOST("<="),
    EQUAL("=="),
    GREATER(">"),
    AT_LEAST(">="),
    OTHER("!=");

    private final String sign;

    Operator(String sign) {
      this.sign = sign;
    }

    Operator opposite() {
      return switch (this) {
        case LESS -> AT_LEAST;
        case AT_MOST -> GREATER;
        case EQUAL -> OTHER;
        case GREATER -> AT_MOST;
        case AT_LEAST -> LESS;
        case OTHER -> EQUAL;
      };
    }
  }

  static Condition compare(String left, Operator operator, Object right) {
    return new Comparison(left, operator, right.toString());
  }

  static Condition all(Condition... parts) {
    return new All(List.of(parts));
  }

  static Condition some(Condition... parts) {
    return new Some(List.of(parts));
  }

  /** The condition as Python. */
  default String python() {
    return python(false);
  }

  private String python(boolean negated) {
    return switch (this) {
      case Comparison c ->
          c.left()
              + " "
              + (negated ? c.operator().opposite() : c.operator()).sign
              + " "
              + c.right();
      case Negated not -> not.part().python(!negated);
      case All all -> join(all.parts(), negated, negated ? " | " : " & ");
      case Some some -> join(some.parts(), negated, negated ? " & " : " | ");
    };
  }

  private static String join(List<Condition> parts, boolean negated, String operator) {
    if (parts.size() == 1) {
      return parts.get(0).python(negated);
    }
    return parts.stream()
        .map(part -> "(" + part.python(negated) + ")")
        .collect(Collectors.joining(operator));
  }
}
