package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.EncodedRow;
import dev.sightline.data.internal.row.Row;
import dev.sightline.data.internal.row.RowEncoder;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import java.io.IOException;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Makes samples for a model from the rows of a data file. A row that the model cannot be fed is
 * passed over with a reason, and never cut or filled in silence. Owned by one thread.
 */
public final class SampleReader implements AutoCloseable {
  private final DataFile file;
  private final RowEncoder encoder;
  private final TokenAggregation aggregation;
  private final Shard shard;
  private final TokenStream stream;

  /** A row of the shard: a sample, or why it is none. */
  public sealed interface Taken {
    record Usable(HeadSample sample) implements Taken {}

    /**
     * Passed over.
     *
     * @param detail what stood there; may be empty
     */
    record Passed(String name, String reason, String detail) implements Taken {}
  }

  /**
   * A reader; it closes the file.
   *
   * @throws ModelException if the model reads what no text can fill, or {@link #maxTokens} tokens
   *     are more than it takes
   */
  public SampleReader(
      DataFile file,
      Model model,
      @Nullable Tokenizer tokenizer,
      TokenAggregation aggregation,
      OptionalInt maxTokens,
      Shard shard)
      throws ModelException {
    this.file = file;
    this.aggregation = aggregation;
    this.shard = shard;
    this.stream = SampleEncoder.requireIds(model);
    this.encoder = new RowEncoder(new SampleEncoder(model, tokenizer, maxTokens(model, maxTokens)));
  }

  public static int maxTokens(Model model, OptionalInt wanted) throws ModelException {
    TokenStream first = SampleEncoder.requireIds(model);
    OptionalInt taken = model.maxTokens(first);
    if (wanted.isEmpty()) {
      return SampleEncoder.maxTokens(model, 0);
    }
    if (wanted.getAsInt() < 1 || wanted.getAsInt() > taken.orElse(Integer.MAX_VALUE)) {
      throw new IllegalArgumentException(
          model
              + " cannot be fed "
              + wanted.getAsInt()
              + " tokens; expected 1 to "
              + (taken.isPresent() ? taken.getAsInt() : "what fits into memory"));
    }
    return wanted.getAsInt();
  }

  /** Rows of the file that were read, those of other shards included. */
  public long rows() {
    return file.rows();
  }

  double fraction() {
    return file.fraction();
  }

  public void skip(long rows) throws DataException {
    file.skip(rows);
  }

  /** The next row of the shard; null at the end of the file. */
  public @Nullable Taken next() throws IOException {
    while (true) {
      long number = file.rows();
      Row row = file.next();
      if (row == null) {
        return null;
      }
      if (shard.has(number)) {
        return switch (encoder.encode(row)) {
          case EncodedRow.Passed passed ->
              new Taken.Passed(passed.name(), passed.reason(), passed.detail());
          case EncodedRow.Usable usable -> taken(row, usable);
        };
      }
    }
  }

  private Taken taken(Row row, EncodedRow.Usable usable) {
    String name = usable.name();
    if (aggregation == TokenAggregation.SPAN
        && row instanceof Row.Text text
        && text.span().isPresent()
        && usable.span().isEmpty()) {
      return new Taken.Passed(name, "no token is left of its span", text.span().get().toString());
    }
    int tokens = usable.tokens().length();
    int width = usable.width();
    int needed = !stream.marksPadding() ? stream.fixedLength().orElse(width) : width;
    if ((!stream.marksPadding() && width > tokens) || width < needed) {
      return new Taken.Passed(
          name, "it needs padding, and the model takes no mask", tokens + " tokens");
    }
    return switch (TokenChoice.of(aggregation, tokens, usable.span())) {
      case TokenChoice.Skipped skipped -> new Taken.Passed(name, skipped.reason(), "");
      case TokenChoice.Read read ->
          new Taken.Usable(
              new HeadSample(
                  usable.id(),
                  name,
                  encoder.sample(row.line(), name, usable),
                  read,
                  usable.weight(),
                  usable.remarks()));
    };
  }

  @Override
  public void close() throws DataException {
    file.close();
  }
}
