package dev.sightline.data;

/** The side of a text on which a batch has its padding. */
public enum Padding {
  /** After the text. */
  RIGHT,
  /** Before the text. */
  LEFT,
  /** Between the first and the second half of the text. */
  INTERIOR;

  /** The slot of a token. */
  public int slot(int token, int length, int width) {
    return switch (this) {
      case RIGHT -> token;
      case LEFT -> width - length + token;
      case INTERIOR -> token < (length + 1) / 2 ? token : width - length + token;
    };
  }
}
