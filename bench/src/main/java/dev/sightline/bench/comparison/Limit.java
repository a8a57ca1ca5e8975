package dev.sightline.bench.comparison;

/**
 * A limit of the machine, measured by a probe in the same rounds as the tasks.
 *
 * @param amount the operations or bytes of one run of the probe
 */
record Limit(double amount, Timing timing) {

  /** The median rate, in billions a second. */
  double rate() {
    return amount / timing.median();
  }

  /** The best round's rate, in billions a second. */
  double best() {
    return amount / timing.min();
  }

  /** The fraction of the limit that a task reached which did this amount in this time. */
  double used(double done, Timing time) {
    return done / amount * time.timesAsFastAs(timing);
  }
}
