package dev.sightline.mask;

/** On which side of the real tokens the padding stands. */
public enum Side {
  /** Real tokens first, padding behind them. */
  RIGHT,
  /** Padding first, real tokens behind it. */
  LEFT;

  String word() {
    return this == LEFT ? "left" : "right";
  }
}
