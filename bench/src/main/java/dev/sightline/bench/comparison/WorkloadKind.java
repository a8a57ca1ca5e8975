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
  SCALING,
  /** Gradients alone, of a forward pass that was run before. */
  BACKWARD,
  /** A forward pass, and the gradients of it. */
  FORWARD_AND_BACKWARD;

  /** Whether gradients are computed. */
  boolean isBackward() {
    return this == BACKWARD || this == FORWARD_AND_BACKWARD;
  }

  /** Whether rows tell their number of threads. */
  boolean namesThreads() {
    return this == SCALING || isBackward();
  }
}
