package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.OptionalInt;

/** The token ids that a model has an embedding for. */
public final class Vocabulary {
  private Vocabulary() {}

  /**
   * Returns the index of the first token whose id the model does not have; empty if it has all of
   * them, or if the graph does not show how many there are and no id is negative.
   *
   * @param stream the stream that the tokens are for
   */
  public static OptionalInt firstUnknown(Model model, TokenStream stream, TokenizedText tokens) {
    int size = model.vocabulary(stream).orElse(Integer.MAX_VALUE);
    for (int t = 0; t < tokens.length(); t++) {
      if (tokens.id(t) < 0 || tokens.id(t) >= size) {
        return OptionalInt.of(t);
      }
    }
    return OptionalInt.empty();
  }
}
