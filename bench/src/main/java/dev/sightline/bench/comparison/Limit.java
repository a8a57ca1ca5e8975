package dev.sightline.bench.comparison;

/**
 * What the machine could do while others worked, by a probe that ran in turns with them.
 *
 * @param amount what the probe did in one run: operations, or bytes
 */
record Limit(double amount, Timing timing) {

  /** In billions a second. */
  double rate() {
    return amount / timing.median();
  }

  /** The best round's rate, in billions a second. */
  double best() {
    return amount / timing.min();
  }

  /** The fraction of the limit at which somebody did so much in such a time. */
  double used(double done, Timing time) {
    return done / amount * time.timesAsFastAs(timing);
  }
}
