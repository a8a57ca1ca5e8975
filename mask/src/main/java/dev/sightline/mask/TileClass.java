package dev.sightline.mask;

/** What a rectangle of a mask holds. */
public enum TileClass {
  /** No allowed pair: a kernel never touches it. */
  EMPTY,
  /** Some pairs allowed, some not: a kernel must read the mask. */
  PARTIAL,
  /** Every pair allowed: a kernel never reads the mask. */
  FULL
}
