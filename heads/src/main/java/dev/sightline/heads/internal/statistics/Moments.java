package dev.sightline.heads.internal.statistics;

import java.util.OptionalDouble;

/**
 * Weighted mean and deviation of values that come one at a time, mergeable in any order.
 *
 * <p>An update is West's (1979) weighted form of Welford's: {@code W += w; d = x - m; m += d (w /
 * W); M2 += w d (x - m)}. A merge is Chan, Golub and LeVeque's (1979). Both run in {@link
 * DoubleDouble} numbers, so that a million values around 1e16 still give one deviation, whatever
 * the sharding. Owned by one thread.
 */
public final class Moments {
  private DoubleDouble weight = DoubleDouble.ZERO;
  private DoubleDouble squaredWeight = DoubleDouble.ZERO;

  // Not as Wide: two new objects for each value took longer than the arithmetic.
  private double meanHi;
  private double meanLo;
  private double m2Hi;
  private double m2Lo;

  /** What a state file holds of it. */
  public record State(
      DoubleDouble weight, DoubleDouble squaredWeight, DoubleDouble mean, DoubleDouble m2) {}

  public Moments() {}

  /**
   * Continues from a state.
   *
   * @throws IllegalArgumentException if no values lead to it
   */
  public Moments(State state) {
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

  public State state() {
    return new State(weight, squaredWeight, wideMean(), wideM2());
  }

  private DoubleDouble wideMean() {
    return new DoubleDouble(meanHi, meanLo);
  }

  private DoubleDouble wideM2() {
    return new DoubleDouble(m2Hi, m2Lo);
  }

  private void set(DoubleDouble mean, DoubleDouble m2) {
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
  public record Step(double weight, DoubleDouble total, DoubleDouble squares, DoubleDouble share) {}

  /** The steps of samples that come next; their weights are finite and above 0. */
  public Step[] steps(double[] weights) {
    Step[] steps = new Step[weights.length];
    DoubleDouble total = weight;
    DoubleDouble squares = squaredWeight;
    for (int i = 0; i < steps.length; i++) {
      DoubleDouble w = DoubleDouble.of(weights[i]);
      total = total.plus(w);
      squares = squares.plus(DoubleDouble.product(weights[i], weights[i]));
      steps[i] = new Step(weights[i], total, squares, w.over(total));
    }
    return steps;
  }

  /** The value and its weight are finite, the weight is above 0. */
  public void add(double value, double w) {
    Step step = steps(new double[] {w})[0];
    add(value, step);
    weigh(step);
  }

  /** Adds a finite value. The weights are updated by {@link #weigh}. */
  public void add(double value, Step step) {
    DoubleDouble before = DoubleDouble.difference(value, wideMean());
    DoubleDouble mean = wideMean().plus(before.times(step.share()));
    DoubleDouble after = DoubleDouble.difference(value, mean);
    set(mean, wideM2().plusOfSameSign(before.times(after).times(step.weight())));
  }

  /** Sets the weights to those after a step. */
  public void weigh(Step last) {
    weight = last.total();
    squaredWeight = last.squares();
  }

  public void merge(Moments other) {
    if (other.weight.hi() == 0) {
      return;
    }
    if (weight.hi() == 0) {
      weight = other.weight;
      squaredWeight = other.squaredWeight;
      set(other.wideMean(), other.wideM2());
      return;
    }
    DoubleDouble total = weight.plus(other.weight);
    DoubleDouble apart = other.wideMean().minus(wideMean());
    DoubleDouble share = other.weight.over(total);
    set(
        wideMean().plus(apart.times(share)),
        wideM2().plus(other.wideM2()).plus(apart.times(apart).times(weight.times(share))));
    squaredWeight = squaredWeight.plus(other.squaredWeight);
    weight = total;
  }

  public double weight() {
    return weight.value();
  }

  /** The sum of weighted squared differences from the mean. */
  double m2() {
    return m2Hi;
  }

  public OptionalDouble mean() {
    return weight.hi() == 0 ? OptionalDouble.empty() : OptionalDouble.of(meanHi);
  }

  /**
   * The unbiased deviation {@code sqrt(M2 / (W - sum(w^2) / W))}, with equal weights the usual
   * {@code n - 1}. A caller knows whether there are two values; one alone has none.
   */
  public OptionalDouble deviation() {
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
