package dev.sightline.bench.comparison;

/** The kinds of workloads, each with its own target. */
enum WorkloadKind {
  DENSE,
  CAUSAL,
  MASKED,
  DECODE,
  SHORT,
  /** Sentences of various lengths: packed for Sightline, padded with a mask for the others. */
  RAGGED,
  COMPILE,
  /** The same workload on one and on two threads. */
  SCALING
}
