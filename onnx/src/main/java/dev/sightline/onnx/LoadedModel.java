package dev.sightline.onnx;

import dev.sightline.onnx.internal.file.ModelFiles;
import dev.sightline.onnx.internal.file.TextConfig;
import dev.sightline.onnx.internal.file.TokenizerFiles;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A model and its tokenizer, if there is one. Close it to close the tokenizer.
 *
 * <pre>{@code
 * try (LoadedModel loaded = LoadedModel.open(Path.of("bge-small"))) { ... }
 * }</pre>
 *
 * @param model the model
 * @param tokenizer open; null if the model comes without one
 * @param search what was looked at for the tokenizer; empty if there is one
 */
public record LoadedModel(Model model, @Nullable Tokenizer tokenizer, Search search)
    implements AutoCloseable {

  /**
   * Where a tokenizer was looked for and not found.
   *
   * @param places the paths that were tried, in their order
   * @param remarks a sentence for each tokenizer file of another format that was met instead
   */
  public record Search(List<String> places, List<String> remarks) {
    /** No search, or a successful one. */
    public static final Search NONE = new Search(List.of(), List.of());

    /** Copies both lists. */
    public Search {
      places = List.copyOf(places);
      remarks = List.copyOf(remarks);
    }

    /** Returns the reason why there is no tokenizer, for a message. */
    @Override
    public String toString() {
      return "no tokenizer found" + (remarks.isEmpty() ? "" : ": " + String.join("; ", remarks));
    }
  }

  /**
   * Returns a model with a tokenizer of the caller's.
   *
   * @param model the model
   * @param tokenizer open; closed with the result. Null for none
   * @return both, the model with the tokenizer's special tokens
   */
  public static LoadedModel of(Model model, @Nullable Tokenizer tokenizer) {
    return new LoadedModel(
        tokenizer == null ? model : model.withSpecialTokens(tokenizer.specialTokens()),
        tokenizer,
        Search.NONE);
  }

  /**
   * Reads a model and its tokenizer. The tokenizer is looked for under the model's own name ({@code
   * X-tokenizer.json} of {@code X.onnx}), as {@code tokenizer.json} beside it, and in the folder
   * above.
   *
   * @param path a .onnx file, a folder with one, or a .jar with one; see {@link Model#open}
   * @return the model, to be closed
   * @throws ModelException as {@link Model#open}, or if a tokenizer is found and cannot be used
   */
  public static LoadedModel open(Path path) throws ModelException {
    return open(path, Optional.empty());
  }

  /**
   * Reads a model, and a tokenizer from elsewhere.
   *
   * @param path a .onnx file, a folder with one, or a .jar with one; see {@link Model#open}
   * @param tokenizer a tokenizer.json or its folder; empty to look for it as {@link #open(Path)}
   * @return the model, to be closed
   * @throws ModelException as {@link Model#open}, or if the tokenizer cannot be used
   */
  public static LoadedModel open(Path path, Optional<Path> tokenizer) throws ModelException {
    ModelFiles files = ModelFiles.of(path);
    if (tokenizer.isPresent()) {
      return TokenizerOpening.beside(
          () -> Model.open(files), () -> Tokenizer.read(tokenizer.get()));
    }
    Model model = Model.open(files);
    TokenizerFiles found = TokenizerFiles.of(files);
    byte[] bytes = found.bytes();
    return bytes != null
        ? of(
            model,
            Tokenizer.parse(bytes, "'" + found.name() + "'", TextConfig.of(files).padsLeft()))
        : new LoadedModel(model, null, new Search(found.searched(), found.others()));
  }

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
   * @return the tokenizer's, else that of the configuration beside the model, else the graph's own,
   *     else 0 as in most vocabularies
   */
  public long padId() {
    List<TokenStream> streams = model.roles().streams();
    if (streams.isEmpty()) {
      return tokenizer == null ? 0 : tokenizer.padId();
    }
    long known = model.vocabulary(streams.getFirst()).orElse(Integer.MAX_VALUE);
    long declared = model.specialTokens(streams.getFirst()).padding().orElse(0);
    return declared < known ? declared : 0; // tokenizers can name an id that was never trained
  }

  @Override
  public void close() {
    if (tokenizer != null) {
      tokenizer.close();
    }
  }
}
