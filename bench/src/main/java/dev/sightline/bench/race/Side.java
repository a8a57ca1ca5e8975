package dev.sightline.bench.race;

import java.util.List;

/** Who sends contestants into a race. */
interface Side extends AutoCloseable {
  /** Name and version. */
  String describe();

  /** The contestants for a work; none if this side cannot do it. The caller closes them. */
  List<Contestant> enter(Work work, Inputs inputs, int threads);

  @Override
  default void close() {}
}
