package dev.sightline.mask;

/** The side of a sequence on which its padding is. */
public enum Side {
  /** Real tokens first, then padding. */
  RIGHT,
  /** Padding first, then real tokens. */
  LEFT
}
