package dev.sightline.heads.statistics;

import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One head in two runs.
 *
 * @param layer counted from 0
 * @param head counted from 0
 * @param samplesA of the first run
 * @param samplesB of the second run
 * @param difference the mean of the second less that of the first, in the metric's unit
 * @param interval of the difference, 95 %
 * @param effect the difference in deviations, pooled over both runs
 * @param pValue two-sided, of no difference
 * @param adjusted the p-value corrected for all heads of the metric (Benjamini-Hochberg)
 * @param withinMargin whether all of the interval is inside the margin that was declared
 * @param reason why there is no difference to give; empty if there is
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

  /** What can be said of a head. */
  public enum Verdict {
    /** It differs, beyond what chance gives among so many heads. */
    DIFFERS,
    /** Any difference is smaller than the margin that was declared. */
    NO_EFFECT,
    /** Neither: more samples may tell. */
    OPEN,
    /** A run has no data. */
    NO_DATA
  }

  /** No effect is only said of an interval inside a margin, never of a large p-value. */
  public Verdict verdict() {
    if (difference.isEmpty()) {
      return Verdict.NO_DATA;
    }
    if (withinMargin) {
      return Verdict.NO_EFFECT;
    }
    return isSignificant() ? Verdict.DIFFERS : Verdict.OPEN;
  }

  /** Whether it is among those of which 5 % are expected to be chance. */
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
