package dev.sightline.report.internal.page;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/**
 * Formats numbers for people: three significant digits, and "0 (exact)" for 0. A no-break space
 * keeps a number and its unit on one line.
 */
public final class Numbers {
  private static final MathContext DIGITS = new MathContext(3);
  private static final MathContext FOUR_DIGITS = new MathContext(4);

  private Numbers() {}

  public static String of(double value) {
    return of(value, DIGITS);
  }

  private static String of(double value, MathContext digits) {
    if (!Double.isFinite(value)) {
      return "not a finite number";
    }
    if (value == 0) {
      return "0 (exact)";
    }
    BigDecimal rounded = new BigDecimal(value).round(digits);
    double size = Math.abs(rounded.doubleValue());
    return size >= 0.001 && size < 10_000 ? plain(rounded) : scientific(rounded);
  }

  /** Formats with four digits, for numbers that are compared side by side. */
  public static String precise(double value) {
    return of(value, FOUR_DIGITS);
  }

  /** Formats a share between 0 and 1 as percent. */
  public static String share(double share) {
    return share == 0 || !Double.isFinite(share) ? of(share) : of(100 * share) + "\u00A0%";
  }

  /** Formats a cosine below 1; it is never rounded up to 1. */
  public static String cosine(double cosine) {
    return cosine > 0.999 ? "0.999" : of(cosine);
  }

  public static String count(long count) {
    return String.format(Locale.ROOT, "%,d", count);
  }

  /** A count and its noun, as in "1 text" and "2 texts". */
  public static String count(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  public static String bytes(long bytes) {
    String[] units = {"bytes", "kB", "MB", "GB", "TB"};
    double size = bytes;
    int unit = 0;
    while (size >= 999.5 && unit < units.length - 1) {
      size /= 1000;
      unit++;
    }
    return unit == 0 ? count(bytes, "byte") : of(size) + "\u00A0" + units[unit];
  }

  public static String seconds(double seconds) {
    return seconds >= 0.1 || !(seconds > 0)
        ? of(seconds) + "\u00A0s"
        : of(1000 * seconds) + "\u00A0ms";
  }

  private static String plain(BigDecimal value) {
    return value.stripTrailingZeros().toPlainString();
  }

  private static String scientific(BigDecimal value) {
    int exponent = value.precision() - value.scale() - 1;
    return plain(value.scaleByPowerOfTen(-exponent)) + "\u00A0×\u00A010" + superscript(exponent);
  }

  private static String superscript(int exponent) {
    StringBuilder out = new StringBuilder();
    for (char c : Integer.toString(exponent).toCharArray()) {
      out.append(c == '-' ? '⁻' : "⁰¹²³⁴⁵⁶⁷⁸⁹".charAt(c - '0'));
    }
    return out.toString();
  }
}
