package dev.sightline.bench.comparison;

import java.util.List;

/** A library that computes attention. */
interface Backend extends AutoCloseable {
  /** The name and version of the library. */
  String describe();

  /** The tasks of a workload; none if this backend cannot do it. The caller closes them. */
  List<TimedTask> tasks(Workload workload, Inputs inputs, int threads);

  @Override
  default void close() {}
}
