package dev.sightline.mask;

/**
 * A text that is no mask. The message says what could stand where the text went wrong, and points
 * at the character.
 */
public final class MaskSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int offset;

  MaskSyntaxException(String message, int offset) {
    super(message);
    this.offset = offset;
  }

  /** The index of the character in the text, counted from 0. */
  public int offset() {
    return offset;
  }
}
