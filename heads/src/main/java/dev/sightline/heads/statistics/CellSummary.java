package dev.sightline.heads.statistics;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * The numbers of one metric of one head. Without samples there is a reason and no number. One
 * sample gives a mean, no deviation and no interval.
 *
 * @param samples number of samples with a finite value
 * @param notFinite number of samples with NaN or infinity, left out of all numbers
 * @param absent number of the run's samples without a value
 * @param macro each sample counted once, or by its weight
 * @param micro each token that was read counted once
 * @param min the least value of a sample
 * @param max the largest value of a sample
 * @param quantiles value by share, such as 0.5; each sample counted once, rank error about 1.5 %
 * @param reason why there is no data; empty if there is data
 */
public record CellSummary(
    long samples,
    long notFinite,
    long absent,
    Estimate macro,
    Estimate micro,
    OptionalDouble min,
    OptionalDouble max,
    Map<Double, Double> quantiles,
    Optional<String> reason) {

  /** Copies the quantiles. */
  public CellSummary {
    // Kept in order of shares, which Map.copyOf would not.
    quantiles = Collections.unmodifiableMap(new TreeMap<>(quantiles));
  }

  /**
   * A mean and its spread.
   *
   * @param mean in the metric's unit
   * @param deviation unbiased standard deviation of the samples
   * @param interval 95 % interval of the mean, by bootstrap over samples
   */
  public record Estimate(
      OptionalDouble mean, OptionalDouble deviation, Optional<Interval> interval) {}

  /**
   * Returns the estimate of a weighting.
   *
   * @param weighting what counts once
   * @return {@link #macro} or {@link #micro}
   */
  public Estimate estimate(Weighting weighting) {
    return weighting == Weighting.MACRO ? macro : micro;
  }
}
