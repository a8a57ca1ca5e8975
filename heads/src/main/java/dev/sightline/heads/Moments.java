package dev.sightline.heads;

import java.util.OptionalDouble;

/**
 * Weighted mean and deviation of values that come one at a time, mergeable in any order.
 *
 * <p>An update is West's (1979) weighted form of Welford's: {@code W += w; d = x - m; m += d (w /
 * W); M2 += w d (x - m)}. A merge is Chan, Golub and LeVeque's (1979). Both run in {@link Wide}
 * numbers, so that a million values around 1e16 still give one deviation, whatever the sharding.
 * Owned by one thread.
 */
final class Moments {
  private Wide weight = Wide.ZERO;
  private Wide squaredWeight = Wide.ZERO;

  // Not as Wide: two new objects for each value took longer than the arithmetic.
  private double meanHi;
  private double meanLo;
  private double m2Hi;
  private double m2Lo;

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
    set(state.mean(), state.m2());
    if (!weight.isFinite()
        || !squaredWeight.isFinite()
        || !state.mean().isFinite()
        || !state.m2().isFinite()
        || weight.hi() < 0
        || squaredWeight.hi() < 0
        || m2Hi < 0) {
      throw new IllegalArgumentException("no values have the moments " + state);
    }
  }

  State state() {
    return new State(weight, squaredWeight, wideMean(), wideM2());
  }

  private Wide wideMean() {
    return new Wide(meanHi, meanLo);
  }

  private Wide wideM2() {
    return new Wide(m2Hi, m2Lo);
  }

  private void set(Wide mean, Wide m2) {
    meanHi = mean.hi();
    meanLo = mean.lo();
    m2Hi = m2.hi();
    m2Lo = m2.lo();
  }

  /**
   * What a sample's weight makes of the weights before it. Cells that saw the same samples share
   * it: the quotient of wide numbers costs more than the rest of an update.
   *
   * @param weight of the sample
   * @param total of all samples so far, with this one
   * @param squares of their weights, summed
   * @param share of this sample in the total
   */
  record Step(double weight, Wide total, Wide squares, Wide share) {}

  /** The steps of samples that come next; their weights are finite and above 0. */
  Step[] steps(double[] weights) {
    Step[] steps = new Step[weights.length];
    Wide total = weight;
    Wide squares = squaredWeight;
    for (int i = 0; i < steps.length; i++) {
      Wide w = Wide.of(weights[i]);
      total = total.plus(w);
      squares = squares.plus(Wide.product(weights[i], weights[i]));
      steps[i] = new Step(weights[i], total, squares, w.over(total));
    }
    return steps;
  }

  /** The value and its weight are finite, the weight is above 0. */
  void add(double value, double w) {
    Step step = steps(new double[] {w})[0];
    add(value, step);
    weigh(step);
  }

  /** A finite value; the weights stay behind until {@link #weigh}. */
  void add(double value, Step step) {
    Wide before = Wide.difference(value, wideMean());
    Wide mean = wideMean().plus(before.times(step.share()));
    Wide after = Wide.difference(value, mean);
    set(mean, wideM2().plusOfSameSign(before.times(after).times(step.weight())));
  }

  /** The weights behind the last of some steps. */
  void weigh(Step last) {
    weight = last.total();
    squaredWeight = last.squares();
  }

  void merge(Moments other) {
    if (other.weight.hi() == 0) {
      return;
    }
    if (weight.hi() == 0) {
      weight = other.weight;
      squaredWeight = other.squaredWeight;
      set(other.wideMean(), other.wideM2());
      return;
    }
    Wide total = weight.plus(other.weight);
    Wide apart = other.wideMean().minus(wideMean());
    Wide share = other.weight.over(total);
    set(
        wideMean().plus(apart.times(share)),
        wideM2().plus(other.wideM2()).plus(apart.times(apart).times(weight.times(share))));
    squaredWeight = squaredWeight.plus(other.squaredWeight);
    weight = total;
  }

  double weight() {
    return weight.value();
  }

  /** The sum of weighted squared differences from the mean. */
  double m2() {
    return m2Hi;
  }

  OptionalDouble mean() {
    return weight.hi() == 0 ? OptionalDouble.empty() : OptionalDouble.of(meanHi);
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
        : OptionalDouble.of(Math.sqrt(Math.max(0, m2Hi) / freedom));
  }
}
