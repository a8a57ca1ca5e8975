package dev.sightline.heads.statistics;

import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * What one head showed of one metric, in numbers for people. No samples: no data, and a reason. One
 * sample: a mean, no deviation and no interval.
 *
 * @param samples how many samples gave a finite value
 * @param notFinite how many gave NaN or an infinity, left out of every number
 * @param absent how many gave no value, though others of the run may have
 * @param macro each sample counted once, or by its weight
 * @param micro each token that was read counted once
 * @param min the least value of a sample
 * @param max the largest value of a sample
 * @param quantiles by share, such as 0.5; each sample once, rank error about 1.5 %
 * @param reason why there is no data; empty if there is
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

  public CellSummary {
    // Kept in order of shares, which Map.copyOf would not.
    quantiles = Collections.unmodifiableMap(new TreeMap<>(quantiles));
  }

  /**
   * A mean with what is known of its spread.
   *
   * @param deviation of the samples, unbiased
   * @param interval of the mean, 95 %, by bootstrap over samples
   */
  public record Estimate(
      OptionalDouble mean, OptionalDouble deviation, Optional<Interval> interval) {}

  /** The estimate under a weighting. */
  public Estimate estimate(Weighting weighting) {
    return weighting == Weighting.MACRO ? macro : micro;
  }
}
