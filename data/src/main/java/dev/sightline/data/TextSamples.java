package dev.sightline.data;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Samples from texts. A model that reads more than one stream of ids is fed the text on all of
 * them, the later ones with its first half, as a decoder that is half-way through.
 */
public final class TextSamples implements SampleSource {
  /** Bounds a text where the model names no limit of its own. */
  private static final int TOKENS_UNLESS_KNOWN = 2048;

  private final Model model;
  private final Tokenizer tokenizer;
  private final TextSource texts;
  private final Consumer<String> notes;
  private long number;

  /**
   * Texts for a model.
   *
   * @param notes told what was left out or cut, and why
   * @throws ModelException if the model reads something that no text can fill
   */
  public TextSamples(Model model, Tokenizer tokenizer, TextSource texts, Consumer<String> notes)
      throws ModelException {
    this.model = model;
    this.tokenizer = tokenizer;
    this.texts = texts;
    this.notes = notes;
    for (TokenStream stream : model.roles().streams()) {
      if (!stream.isOfIds()) {
        throw new ModelException(
            model
                + " reads '"
                + stream.content()
                + "', which no text can fill; give it with --inputs, or leave texts away for random"
                + " values");
      }
    }
  }

  /**
   * Returns the number of tokens of a stream that a text is cut to.
   *
   * @param stream index of the stream
   */
  public static int maxTokens(Model model, int stream) {
    return model.maxTokens(model.roles().streams().get(stream)).orElse(TOKENS_UNLESS_KNOWN);
  }

  @Override
  public @Nullable Sample next() throws IOException {
    while (true) {
      String text = texts.next();
      if (text == null) {
        return null;
      }
      int most = maxTokens(model, 0);
      TokenizedText tokens = tokenizer.encode(text, most);
      if (text.isBlank() || tokens.length() == 0) {
        notes.accept("an empty text was passed over");
        continue;
      }
      number++;
      model.requireKnown(model.roles().streams().getFirst(), tokens);
      if (tokens.dropped() > 0) {
        notes.accept(
            "text "
                + number
                + " has "
                + (tokens.length() + tokens.dropped())
                + " tokens; the model takes "
                + most
                + ", so the rest was cut off");
      }
      List<Tokens> streams = new ArrayList<>();
      for (int s = 0; s < model.roles().streams().size(); s++) {
        streams.add(s == 0 ? tokens : tokens.first((tokens.length() + 1) / 2));
      }
      return new Sample(number, text, streams);
    }
  }
}
