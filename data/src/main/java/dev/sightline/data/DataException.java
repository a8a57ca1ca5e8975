package dev.sightline.data;

import java.io.IOException;

/**
 * A data file or a file of statistics that cannot be used as it is. The message is meant for the
 * person who named the file: it quotes what was given and says what was expected.
 */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
