package dev.sightline.onnx.inventory;

import java.io.IOException;

/**
 * A model, tokenizer or text file that cannot be used as it is. The message is meant for the person
 * who named the file: it quotes what was given and says what was expected.
 */
public final class ModelException extends IOException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates an exception without a cause.
   *
   * @param message what is wrong and what was expected
   */
  public ModelException(String message) {
    super(message);
  }

  /**
   * Creates an exception with a cause.
   *
   * @param message what is wrong and what was expected
   * @param cause the exception that revealed the problem
   */
  public ModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
