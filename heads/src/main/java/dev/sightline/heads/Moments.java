package dev.sightline.heads;

import java.util.OptionalDouble;

/**
 * Weighted mean and deviation of values that come one at a time, mergeable in any order.
 *
 * <p>An update is West's (1979) weighted form of Welford's: {@code W += w; d = x - m; m += d w / W;
 * M2 += w d (x - m)}. A merge is Chan, Golub and LeVeque's (1979). Both run in {@link Wide}
 * numbers, so that a million values around 1e16 still give one deviation, whatever the sharding.
 * Owned by one thread.
 */
final class Moments {
  private Wide weight = Wide.ZERO;
  private Wide squaredWeight = Wide.ZERO;
  private Wide mean = Wide.ZERO;
  private Wide m2 = Wide.ZERO;

  /** What a state file holds of it. */
  record State(Wide weight, Wide squaredWeight, Wide mean, Wide m2) {}

  Moments() {}

  /**
   * Continues from a state.
   *
   * @throws IllegalArgumentException if no values lead to it
   */
  Moments(State state) {
    weight = state.weight();
    squaredWeight = state.squaredWeight();
    mean = state.mean();
    m2 = state.m2();
    if (!weight.isFinite()
        || !squaredWeight.isFinite()
        || !mean.isFinite()
        || !m2.isFinite()
        || weight.hi() < 0
        || squaredWeight.hi() < 0
        || m2.hi() < 0) {
      throw new IllegalArgumentException("no values have the moments " + state);
    }
  }

  State state() {
    return new State(weight, squaredWeight, mean, m2);
  }

  /** The value and its weight are finite, the weight is above 0. */
  void add(double value, double w) {
    if (weight.hi() == 0) {
      weight = Wide.of(w);
      squaredWeight = Wide.product(w, w);
      mean = Wide.of(value);
      return;
    }
    weight = weight.plus(Wide.of(w));
    squaredWeight = squaredWeight.plus(Wide.product(w, w));
    Wide x = Wide.of(value);
    Wide before = x.minus(mean);
    mean = mean.plus(before.times(w).over(weight));
    m2 = m2.plus(before.times(x.minus(mean)).times(w));
  }

  void merge(Moments other) {
    if (other.weight.hi() == 0) {
      return;
    }
    if (weight.hi() == 0) {
      weight = other.weight;
      squaredWeight = other.squaredWeight;
      mean = other.mean;
      m2 = other.m2;
      return;
    }
    Wide total = weight.plus(other.weight);
    Wide apart = other.mean.minus(mean);
    Wide share = other.weight.over(total);
    m2 = m2.plus(other.m2).plus(apart.times(apart).times(weight.times(share)));
    mean = mean.plus(apart.times(share));
    squaredWeight = squaredWeight.plus(other.squaredWeight);
    weight = total;
  }

  double weight() {
    return weight.value();
  }

  /** The sum of weighted squared differences from the mean. */
  double m2() {
    return m2.value();
  }

  OptionalDouble mean() {
    return weight.hi() == 0 ? OptionalDouble.empty() : OptionalDouble.of(mean.value());
  }

  /**
   * The unbiased deviation {@code sqrt(M2 / (W - sum(w^2) / W))}, with equal weights the usual
   * {@code n - 1}. A caller knows whether there are two values; one alone has none.
   */
  OptionalDouble deviation() {
    if (weight.hi() == 0) {
      return OptionalDouble.empty();
    }
    double freedom = weight.minus(squaredWeight.over(weight)).value();
    // One value leaves 0 up to the rounding of a wide number.
    return freedom <= weight.value() * 1e-28
        ? OptionalDouble.empty()
        : OptionalDouble.of(Math.sqrt(Math.max(0, m2.value()) / freedom));
  }
}
