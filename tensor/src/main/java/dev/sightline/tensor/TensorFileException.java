package dev.sightline.tensor;

import java.io.IOException;

/**
 * A tensor file that cannot be used as it is. The message is meant for the person who named the
 * file: it quotes what was given and says what was expected.
 */
public final class TensorFileException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what is wrong and what was expected
   */
  public TensorFileException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong and what was expected
   * @param cause the exception that revealed the problem
   */
  public TensorFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
