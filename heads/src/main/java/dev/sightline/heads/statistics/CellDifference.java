package dev.sightline.heads.statistics;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The difference of one metric of one head between two runs.
 *
 * @param metric the metric
 * @param layer counted from 0
 * @param head counted from 0
 * @param samplesA number of samples of the first run
 * @param samplesB number of samples of the second run
 * @param difference the mean of the second less that of the first, in the metric's unit
 * @param interval the 95 % interval of the difference
 * @param effect the difference in standard deviations, pooled over both runs
 * @param pValue two-sided, for no difference
 * @param adjusted the p-value corrected for all heads of the metric (Benjamini-Hochberg)
 * @param withinMargin whether the whole interval is inside the declared margin
 * @param reason why there is no difference; empty if there is one
 */
public record CellDifference(
    Metric metric,
    int layer,
    int head,
    long samplesA,
    long samplesB,
    OptionalDouble difference,
    Optional<Interval> interval,
    OptionalDouble effect,
    OptionalDouble pValue,
    OptionalDouble adjusted,
    boolean withinMargin,
    Optional<String> reason) {

  /** The result of the comparison. */
  public enum Verdict {
    /** The difference is significant after the correction for all heads of the metric. */
    DIFFERS,
    /** The whole interval is inside the declared margin. */
    NO_EFFECT,
    /** Neither; more samples may decide. */
    UNDECIDED,
    /** A run has no data. */
    NO_DATA
  }

  /**
   * Returns the result. A large p-value alone is never {@link Verdict#NO_EFFECT}.
   *
   * @return the verdict
   */
  public Verdict verdict() {
    if (difference.isEmpty()) {
      return Verdict.NO_DATA;
    }
    if (withinMargin) {
      return Verdict.NO_EFFECT;
    }
    return isSignificant() ? Verdict.DIFFERS : Verdict.UNDECIDED;
  }

  /**
   * Returns whether the adjusted p-value is at most {@link HeadDifference#FALSE_DISCOVERIES}.
   *
   * @return whether the difference is significant
   */
  public boolean isSignificant() {
    return adjusted.isPresent() && adjusted.getAsDouble() <= HeadDifference.FALSE_DISCOVERIES;
  }

  CellDifference withAdjusted(double p) {
    return new CellDifference(
        metric,
        layer,
        head,
        samplesA,
        samplesB,
        difference,
        interval,
        effect,
        pValue,
        OptionalDouble.of(p),
        withinMargin,
        reason);
  }
}
