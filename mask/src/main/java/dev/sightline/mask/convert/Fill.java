package dev.sightline.mask.convert;

/**
 * What the additive form of a mask holds where a pair is forbidden. It is added to the scores, so
 * it has to be far below them, and yet adding two of it must not do harm: with {@link #lowest}
 * twice, a sum is -infinity, and a row of -infinity is NaN in a softmax that does not check.
 * Immutable, with value equality.
 */
public final class Fill {
  /** In place of a number: the lowest finite value, which depends on the type. */
  private static final double LOWEST = 0;

  private final double number;

  private Fill(double number) {
    this.number = number;
  }

  /** {@return minus infinity} */
  public static Fill negativeInfinity() {
    return new Fill(Double.NEGATIVE_INFINITY);
  }

  /** {@return the lowest finite value of the type, {@code finfo.min}} */
  public static Fill lowest() {
    return new Fill(LOWEST);
  }

  /**
   * {@return a fill of a number, such as -1e9 or -10000}
   *
   * @param number the number, below 0
   * @throws IllegalArgumentException if it is not below 0
   */
  public static Fill of(double number) {
    if (!(number < 0)) {
      throw new IllegalArgumentException("a fill must be below 0, but is " + number);
    }
    return new Fill(number);
  }

  /** {@return openpi's -2.3819763e38, which is -0.7 times the largest float} */
  public static Fill openpi() {
    return of(-2.3819763e38);
  }

  /**
   * {@return the fill of a text: {@code -inf}, {@code min}, {@code openpi} or a number}
   *
   * @param text the fill as a command line gives it
   * @throws IllegalArgumentException if it is none of them
   */
  public static Fill parse(String text) {
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

  /**
   * {@return the fill as a type holds it: -1e9 is -infinity in float16}
   *
   * @param type the type of the additive form
   */
  public float in(FloatType type) {
    return number == LOWEST ? type.lowest() : type.round(number);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Fill that && number == that.number;
  }

  @Override
  public int hashCode() {
    return Double.hashCode(number);
  }

  @Override
  public String toString() {
    return number == LOWEST ? "min" : Double.toString(number);
  }
}
