package dev.sightline.tensor;

import java.io.IOException;

/**
 * A tensor file that cannot be used as it is. The message is meant for the person who named the
 * file: it quotes what was given and says what was expected.
 */
public final class TensorFileException extends IOException {
  private static final long serialVersionUID = 1L;

  public TensorFileException(String message) {
    super(message);
  }

  public TensorFileException(String message, Throwable cause) {
    super(message, cause);
  }
}
