package dev.sightline.audit;

import dev.sightline.onnx.OnnxModel;
import dev.sightline.onnx.OnnxModelException;
import dev.sightline.onnx.Sample;
import dev.sightline.onnx.TokenStream;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.Tokens;
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
  private final OnnxModel model;
  private final Tokenizer tokenizer;
  private final TextSource texts;
  private final Consumer<String> notes;
  private long number;

  /**
   * Texts for a model.
   *
   * @param notes told what was left out or cut, and why
   * @throws OnnxModelException if the model reads something that no text can fill
   */
  public TextSamples(OnnxModel model, Tokenizer tokenizer, TextSource texts, Consumer<String> notes)
      throws OnnxModelException {
    this.model = model;
    this.tokenizer = tokenizer;
    this.texts = texts;
    this.notes = notes;
    for (TokenStream stream : model.roles().streams()) {
      if (!stream.isOfIds()) {
        throw new OnnxModelException(
            model
                + " reads '"
                + stream.content()
                + "', which no text can fill; give it with --inputs, or leave texts away for random"
                + " values");
      }
    }
  }

  @Override
  public @Nullable Sample next() throws IOException {
    while (true) {
      String text = texts.next();
      if (text == null) {
        return null;
      }
      int most = Audit.maxTokens(model, 0);
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
