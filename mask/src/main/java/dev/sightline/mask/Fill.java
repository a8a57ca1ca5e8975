package dev.sightline.mask;

/**
 * What the additive form of a mask holds where a pair is forbidden. It is added to the scores, so
 * it has to be far below them, and yet adding two of it must not do harm: with {@code lowest}
 * twice, a sum is -infinity, and a row of -infinity is NaN in a softmax that does not look.
 */
public sealed interface Fill {
  /** Minus infinity. */
  record NegativeInfinity() implements Fill {}

  /** The lowest finite value of the type, {@code finfo.min}. */
  record Lowest() implements Fill {}

  /**
   * A number.
   *
   * @param number below 0
   */
  record Value(double number) implements Fill {
    public Value {
      if (!(number < 0)) {
        throw new IllegalArgumentException("a fill must be below 0, but is " + number);
      }
    }
  }

  /** Minus infinity. */
  static Fill negativeInfinity() {
    return new NegativeInfinity();
  }

  /** The lowest finite value of the type, {@code finfo.min}. */
  static Fill lowest() {
    return new Lowest();
  }

  /** A number below 0, such as -1e9 or -10000. */
  static Fill of(double number) {
    return number == Double.NEGATIVE_INFINITY ? new NegativeInfinity() : new Value(number);
  }

  /** openpi's -2.3819763e38, which is -0.7 times the largest float. */
  static Fill openpi() {
    return new Value(-2.3819763e38);
  }

  /**
   * Reads {@code -inf}, {@code min}, {@code openpi} or a number.
   *
   * @throws IllegalArgumentException if it is none of them
   */
  static Fill parse(String text) {
    return switch (text) {
      case "-inf" -> negativeInfinity();
      case "min" -> lowest();
      case "openpi" -> openpi();
      default -> {
        try {
          yield of(Double.parseDouble(text));
        } catch (NumberFormatException e) {
          throw new IllegalArgumentException(
              "a fill is -inf, min, openpi or a number below 0, but is '" + text + "'", e);
        }
      }
    };
  }

  /** The fill as a type holds it: -1e9 is -infinity in float16. */
  default float in(FloatType type) {
    return switch (this) {
      case NegativeInfinity infinity -> Float.NEGATIVE_INFINITY;
      case Lowest lowest -> type.lowest();
      case Value value -> type.round(value.number());
    };
  }
}
