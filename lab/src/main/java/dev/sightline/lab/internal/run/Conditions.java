package dev.sightline.lab.internal.run;

/** Names of conditions and baselines besides those of paddings. */
final class Conditions {
  /** The subtask is decoded, and is in the cache when the actions are run. */
  static final String DECODED = "decoded-subtask";

  /** The action head is run under the other mask than it was trained under. */
  static final String OTHER_MASK = "other-mask";

  static final String UNTRAINED = "untrained";
  static final String OTHER_INSTRUCTION = "other-instruction";
  static final String GUESS = "guess";
  static final String EXPERT = "expert";

  private Conditions() {}
}
