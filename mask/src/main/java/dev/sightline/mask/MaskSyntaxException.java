package dev.sightline.mask;

import dev.sightline.mask.internal.text.SyntaxException;

/**
 * A text that is not a mask. The message says what was expected where the text went wrong, and
 * points at the character.
 */
public final class MaskSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** The index of the character in the text, counted from 0. */
  private final int offset;

  MaskSyntaxException(SyntaxException cause) {
    super(cause.getMessage(), cause);
    this.offset = cause.offset();
  }

  /** {@return the index of the character in the text, counted from 0} */
  public int offset() {
    return offset;
  }
}
