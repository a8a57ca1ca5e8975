package dev.sightline.data;

/** The side of a text on which a batch has its padding. */
public enum Padding {
  /** After the text. */
  RIGHT,
  /** Before the text. */
  LEFT,
  /** Between the first and the second half of the text. */
  INTERIOR;

  /**
   * Tells the position of a token.
   *
   * @param token number of the token in its text, from 0
   * @param length tokens of the text
   * @param width positions of the row
   * @return the position, from 0 to below the width
   */
  public int position(int token, int length, int width) {
    return switch (this) {
      case RIGHT -> token;
      case LEFT -> width - length + token;
      case INTERIOR -> token < (length + 1) / 2 ? token : width - length + token;
    };
  }
}
