package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Makes samples for a model from texts or token ids. The tokenizer stays the caller's to close. */
public final class SampleEncoder {
  /** Bounds a text where the model has no limit of its own. */
  private static final int DEFAULT_MAX_TOKENS = 2048;

  private final Model model;
  private final @Nullable Tokenizer tokenizer;
  private final TokenStream stream;
  private final int maxTokens;

  /**
   * Makes an encoder that cuts texts to a number of tokens.
   *
   * @param model reads the samples
   * @param tokenizer null if there are no texts to encode
   * @param maxTokens the largest number of tokens of a sample
   * @throws ModelException if the model has an input that token ids cannot fill
   */
  public SampleEncoder(Model model, @Nullable Tokenizer tokenizer, int maxTokens)
      throws ModelException {
    this.model = model;
    this.tokenizer = tokenizer;
    this.stream = requireIds(model);
    this.maxTokens = maxTokens;
  }

  /**
   * Makes an encoder that cuts texts to what the model takes.
   *
   * @param model reads the samples
   * @param tokenizer null if there are no texts to encode
   * @return the encoder
   * @throws ModelException if the model has an input that token ids cannot fill
   */
  public static SampleEncoder of(Model model, @Nullable Tokenizer tokenizer) throws ModelException {
    requireIds(model);
    return new SampleEncoder(model, tokenizer, maxTokens(model, 0));
  }

  /**
   * Finds the stream that a sample's tokens fill, which is the first; the others follow from it.
   *
   * @param model reads the samples
   * @return its first stream
   * @throws ModelException if the model has no stream, or one that token ids cannot fill
   */
  public static TokenStream requireIds(Model model) throws ModelException {
    List<TokenStream> streams = model.roles().streams();
    if (streams.isEmpty()) {
      throw new ModelException(
          model
              + " reads no tokens: its inputs are "
              + model.inputs()
              + ", none of which is known");
    }
    for (TokenStream each : streams) {
      if (!each.isOfIds()) {
        throw new ModelException(
            model + " reads '" + each.content() + "', which no text and no token id can fill");
      }
    }
    return streams.getFirst();
  }

  /**
   * Tells how many tokens a stream may have.
   *
   * @param model reads the samples
   * @param stream index of the stream
   * @return the model's own limit, or 2048
   */
  public static int maxTokens(Model model, int stream) {
    return model.maxTokens(model.roles().streams().get(stream)).orElse(DEFAULT_MAX_TOKENS);
  }

  /**
   * Tells which model the samples are for.
   *
   * @return the model
   */
  public Model model() {
    return model;
  }

  /**
   * Tells how many tokens a sample may have.
   *
   * @return the largest number of tokens of its first stream
   */
  public int maxTokens() {
    return maxTokens;
  }

  /**
   * Tells which stream a sample's tokens fill.
   *
   * @return the first stream of the model
   */
  public TokenStream stream() {
    return stream;
  }

  /**
   * Tells whether texts can be encoded.
   *
   * @return whether there is a tokenizer
   */
  public boolean hasTokenizer() {
    return tokenizer != null;
  }

  /**
   * Encodes a text.
   *
   * @param text any text
   * @return its tokens, cut to {@link #maxTokens()}
   * @throws ModelException if there is no tokenizer, or it gives ids that the model does not have
   */
  public TokenizedText encode(String text) throws ModelException {
    if (tokenizer == null) {
      throw new ModelException("a text needs a tokenizer, and " + model + " has none");
    }
    TokenizedText tokens = tokenizer.encode(text, maxTokens);
    OptionalInt unknown = firstUnknown(tokens);
    if (unknown.isPresent()) {
      throw new ModelException(
          "the tokenizer gives '"
              + tokens.spelling(unknown.getAsInt())
              + "' the id "
              + tokens.id(unknown.getAsInt())
              + ", but "
              + model
              + " knows only "
              + model.vocabulary(stream).orElse(Integer.MAX_VALUE)
              + " ids; they do not belong together");
    }
    return tokens;
  }

  /**
   * Finds a token whose id the model does not have.
   *
   * @param tokens for the stream that a sample's tokens fill
   * @return the index of the first such token; empty if there is none
   */
  public OptionalInt firstUnknown(TokenizedText tokens) {
    return firstUnknown(model, stream, tokens);
  }

  /**
   * Finds a token whose id a model does not have.
   *
   * @param model whose embedding table counts
   * @param stream the stream that the tokens are for
   * @param tokens ids
   * @return the index of the first token whose id is negative, or not in the table if the graph
   *     shows its size; empty if there is none
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

  /**
   * Marks the tokens that the tokenizer knows as special.
   *
   * @param tokens ids
   * @return the same tokens with the marks; unchanged if there is no tokenizer
   */
  public TokenizedText withSpecial(TokenizedText tokens) {
    return tokenizer == null ? tokens : tokenizer.withSpecial(tokens);
  }

  /**
   * Makes a sample of tokens; see {@link Sample#ofTokens}.
   *
   * @param number counted from 1
   * @param label the text, or its name
   * @param tokens of the first stream
   * @return the sample
   */
  public Sample sample(long number, String label, TokenizedText tokens) {
    return Sample.ofTokens(number, label, tokens, model.roles().streams().size());
  }
}
