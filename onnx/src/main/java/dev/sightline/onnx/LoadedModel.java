package dev.sightline.onnx;

import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A model and its tokenizer, if there is one. Close it to close the tokenizer.
 *
 * @param model the model
 * @param tokenizer open; null if the model comes without one
 */
public record LoadedModel(Model model, @Nullable Tokenizer tokenizer) implements AutoCloseable {
  /**
   * Returns the tokenizer of a model that must have one, as those of the catalog do.
   *
   * @return the tokenizer, open
   * @throws IllegalStateException if there is none
   */
  public Tokenizer requireTokenizer() {
    if (tokenizer == null) {
      throw new IllegalStateException(model + " has no tokenizer");
    }
    return tokenizer;
  }

  /**
   * Returns the token id of padding.
   *
   * @return the tokenizer's, else the graph's own, else 0 as in most vocabularies
   */
  public long padId() {
    if (tokenizer != null) {
      return tokenizer.padId();
    }
    List<TokenStream> streams = model.roles().streams();
    return streams.isEmpty() ? 0 : model.padId(streams.getFirst()).orElse(0);
  }

  @Override
  public void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
