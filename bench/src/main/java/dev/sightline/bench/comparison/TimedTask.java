package dev.sightline.bench.comparison;

/** Something that is timed: a {@link Workload} on a backend with its inputs, or a probe. */
interface TimedTask extends AutoCloseable {
  /** Runs once. This is timed. */
  void run();

  /**
   * The output of the last run, {@code [B, Hq, Lq, D]}, or the gradients of queries, keys and
   * values, one after the other; empty if there is nothing to compare.
   */
  float[] output();

  /** Frees the output of the last run, if that takes time; not timed. */
  default void release() {}

  @Override
  void close();
}
