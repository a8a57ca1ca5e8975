package dev.sightline.mask.internal.text;

/** A text that is not a mask; the message points at the character. */
public final class SyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final int offset;

  SyntaxException(String message, int offset) {
    super(message);
    this.offset = offset;
  }

  /** The index of the character in the text, counted from 0. */
  public int offset() {
    return offset;
  }
}
