package dev.sightline.mask;

/** What a rectangle of a mask holds. */
public enum TileClass {
  /** No allowed pair: a kernel never touches it. */
  EMPTY,
  /** Some pairs allowed, some not: a kernel must look at the mask. */
  PARTIAL,
  /** Every pair allowed: a kernel never looks at the mask. */
  FULL
}
