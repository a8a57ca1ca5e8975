package dev.sightline.bench.comparison;

/** One entrant at one workload, ready to be timed: in this process, or in one of its own. */
interface Contestant extends AutoCloseable {
  /** What it is. */
  Entrant entrant();

  /** The number of threads that it has. */
  int threads();

  /** Runs it once and compares the output with the reference. Call it first. */
  Check check();

  /** Runs it for a time, at least once, for C2. */
  void warmUp(long millis);

  /**
   * Runs it for a time, at least once.
   *
   * @return nanoseconds: the median of the runs, or of a probe the least
   */
  double slot(long millis);

  @Override
  void close();
}
