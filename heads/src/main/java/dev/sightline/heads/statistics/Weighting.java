package dev.sightline.heads.statistics;

/** What counts once in a mean. */
public enum Weighting {
  /** Each sample counts once, or by its own weight if the data give one. */
  MACRO,
  /** Each token that was read counts once: a sample counts by its tokens. */
  MICRO
}
