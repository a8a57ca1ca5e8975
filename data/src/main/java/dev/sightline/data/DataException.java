package dev.sightline.data;

import java.io.IOException;

/**
 * A data file or a file of statistics that cannot be used as it is. The message is meant for the
 * person who named the file: it quotes what was given and says what was expected.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * An exception without a cause.
   *
   * @param message what was given and what was expected
   */
  public DataException(String message) {
    super(message);
  }

  /**
   * An exception with its cause.
   *
   * @param message what was given and what was expected
   * @param cause the exception that made the file unusable
   */
  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
