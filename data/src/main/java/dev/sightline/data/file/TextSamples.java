package dev.sightline.data.file;

import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.data.internal.row.RowSource;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Samples of texts for a model, made one at a time. An iterator throws {@link UncheckedIOException}
 * if the tokenizer is not the model's; texts may throw it if they cannot be read.
 */
public final class TextSamples implements Iterable<Sample> {
  private final RowEncoder encoder;
  private final Iterable<String> texts;
  private final Consumer<String> notes;

  /**
   * Prepares to encode texts.
   *
   * @param model reads the samples
   * @param tokenizer of the model; stays open
   * @param texts a text each
   * @param notes told which texts were left out or cut, and why
   * @throws ModelException if the model has an input that token ids cannot fill
   */
  public TextSamples(
      Model model, Tokenizer tokenizer, Iterable<String> texts, Consumer<String> notes)
      throws ModelException {
    this.encoder = new RowEncoder(SampleEncoder.of(model, tokenizer));
    this.texts = texts;
    this.notes = notes;
  }

  @Override
  public Iterator<Sample> iterator() {
    return new SampleIterator(encoder, new Texts(texts.iterator()), "", notes);
  }

  /** Texts as rows. */
  private static final class Texts implements RowSource {
    private final Iterator<String> texts;
    private long line;

    Texts(Iterator<String> texts) {
      this.texts = texts;
    }

    @Override
    public @Nullable Row next() throws IOException {
      try {
        if (!texts.hasNext()) {
          return null;
        }
        line++;
        return new Row.Text(line, Long.toString(line), texts.next(), Optional.empty(), 1);
      } catch (UncheckedIOException e) {
        throw e.getCause();
      }
    }

    @Override
    public void close() {}
  }
}
