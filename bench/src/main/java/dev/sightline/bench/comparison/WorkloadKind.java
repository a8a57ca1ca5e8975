package dev.sightline.bench.comparison;

/** The kinds of work, each with a target of its own. */
enum WorkloadKind {
  DENSE,
  CAUSAL,
  MASKED,
  DECODE,
  SHORT,
  COMPILE,
  /** The same work on one and on two threads. */
  SCALING
}
