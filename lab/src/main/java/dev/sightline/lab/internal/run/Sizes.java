package dev.sightline.lab.internal.run;

/**
 * The sizes of a policy and of its batches.
 *
 * @param width of a token
 * @param blocks pairs of attentions, or layers
 * @param heads of each attention
 * @param rows tasks in a batch
 */
record Sizes(int width, int blocks, int heads, int rows) {
  /** Small enough for minutes, large enough for the task. */
  static final Sizes USUAL = new Sizes(64, 2, 4, 64);
}
