package dev.sightline.onnx;

import java.io.IOException;

/**
 * A model, tokenizer or text file that cannot be used as it is. The message is meant for the person
 * who named the file: it quotes what was given and says what was expected.
 */
public final class OnnxModelException extends IOException {
  private static final long serialVersionUID = 1L;

  public OnnxModelException(String message) {
    super(message);
  }

  public OnnxModelException(String message, Throwable cause) {
    super(message, cause);
  }
}
