package dev.sightline.onnx;

/**
 * A model and the tokenizer that goes with it.
 *
 * @param model ready to be opened
 * @param tokenizer open; close the pair when done
 */
public record LoadedModel(Model model, Tokenizer tokenizer) implements AutoCloseable {
  @Override
  public void close() {
    tokenizer.close();
  }
}
