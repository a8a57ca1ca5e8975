package dev.sightline.heads.internal.statistics;

/**
 * A number as the unevaluated sum of two doubles, about 106 bits of precision. Sums of squared
 * differences of values near 1e16 lose all of a double's 53 bits, and then differ with the order in
 * which shards are merged.
 *
 * <p>After Dekker (1971) and Knuth, The Art of Computer Programming, volume 2, section 4.2.2.
 *
 * @param hi the number, rounded to a double
 * @param lo what the rounding left out
 */
public record DoubleDouble(double hi, double lo) {
  static final DoubleDouble ZERO = new DoubleDouble(0, 0);

  static DoubleDouble of(double value) {
    return new DoubleDouble(value, 0);
  }

  /** Exact. */
  static DoubleDouble product(double a, double b) {
    double hi = a * b;
    return new DoubleDouble(hi, Math.fma(a, b, -hi));
  }

  DoubleDouble plus(DoubleDouble other) {
    double s = hi + other.hi;
    double t = lo + other.lo;
    double high = s + (rest(hi, other.hi, s) + t);
    return quick(high, ((s - high) + rest(hi, other.hi, s) + t) + rest(lo, other.lo, t));
  }

  DoubleDouble minus(DoubleDouble other) {
    return plus(new DoubleDouble(-other.hi, -other.lo));
  }

  /** A sum of numbers of one sign: nothing cancels, and half the work is as exact. */
  DoubleDouble plusOfSameSign(DoubleDouble other) {
    double s = hi + other.hi;
    return quick(s, rest(hi, other.hi, s) + (lo + other.lo));
  }

  static DoubleDouble difference(double a, DoubleDouble b) {
    double s = a - b.hi;
    return quick(s, rest(a, -b.hi, s) - b.lo);
  }

  DoubleDouble times(DoubleDouble other) {
    double p = hi * other.hi;
    double rest = Math.fma(hi, other.hi, -p) + (hi * other.lo + lo * other.hi);
    return quick(p, rest);
  }

  DoubleDouble times(double factor) {
    double p = hi * factor;
    return quick(p, Math.fma(hi, factor, -p) + lo * factor);
  }

  /** The quotient; the divisor is not 0. */
  DoubleDouble over(DoubleDouble divisor) {
    double q1 = hi / divisor.hi;
    DoubleDouble rest = minus(divisor.times(q1));
    double q2 = rest.hi / divisor.hi;
    double q3 = rest.minus(divisor.times(q2)).hi / divisor.hi;
    return quick(q1, q2).plus(of(q3));
  }

  double value() {
    return hi;
  }

  boolean isFinite() {
    return Double.isFinite(hi) && Double.isFinite(lo);
  }

  private static double rest(double a, double b, double sum) {
    double bb = sum - a;
    return (a - (sum - bb)) + (b - bb);
  }

  private static DoubleDouble quick(double big, double small) {
    double sum = big + small;
    return new DoubleDouble(sum, small - (sum - big));
  }
}
