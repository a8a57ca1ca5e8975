package dev.sightline.data;

/** On which side of a text its padding stands. */
public enum Padding {
  /** Behind the text. */
  RIGHT,
  /** Before the text. */
  LEFT,
  /** In the middle: the first half of the text stands left of it, the second half right. */
  INTERIOR;

  /** The slot of a token. */
  int slot(int token, int length, int width) {
    return switch (this) {
      case RIGHT -> token;
      case LEFT -> width - length + token;
      case INTERIOR -> token < (length + 1) / 2 ? token : width - length + token;
    };
  }
}
