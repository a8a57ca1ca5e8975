package dev.sightline.bench.race;

/** The kinds of work, each with a target of its own. */
enum Group {
  DENSE,
  CAUSAL,
  MASKED,
  DECODE,
  SHORT,
  COMPILE,
  /** The same work on one and on two threads. */
  SCALING
}
