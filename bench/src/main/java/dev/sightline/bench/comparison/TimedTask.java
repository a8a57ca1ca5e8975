package dev.sightline.bench.comparison;

/** One implementation of one {@link Workload}, its inputs in place, ready to run again and again. */
interface TimedTask extends AutoCloseable {
  String name();

  /** Does the work once. This is what is timed. */
  void run();

  /** What the last run computed, {@code [B, Hq, Lq, D]}; empty if there is nothing to compare. */
  float[] output();

  /** Lets go of what the last run made, if that takes time; not timed. */
  default void release() {}

  @Override
  void close();
}
