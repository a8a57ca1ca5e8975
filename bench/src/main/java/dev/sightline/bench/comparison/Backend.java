package dev.sightline.bench.comparison;

import java.util.List;

/** Who sends contestants into a race. */
interface Backend extends AutoCloseable {
  /** Name and version. */
  String describe();

  /** The contestants for a work; none if this side cannot do it. The caller closes them. */
  List<TimedTask> enter(Workload work, Inputs inputs, int threads);

  @Override
  default void close() {}
}
