package dev.sightline.bench.comparison;

/**
 * A limit of the machine, measured by a probe in the same rounds as the others. It is the best
 * round: a limit that something else on the machine lowered is none.
 *
 * @param amount the operations or bytes of one run of the probe
 */
record Limit(double amount, Timing timing) {

  /** The best round's rate, in billions a second. */
  double rate() {
    return amount / timing.min();
  }

  /** The fraction of the limit that something reached which did this amount in this time. */
  double used(double done, Timing time) {
    return done / time.median() / rate();
  }
}
