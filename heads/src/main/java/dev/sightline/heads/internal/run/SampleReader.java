package dev.sightline.heads.internal.run;

import dev.sightline.data.DataException;
import dev.sightline.data.SampleEncoder;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.EncodedRow;
import dev.sightline.data.internal.row.InputFields;
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
  private final @Nullable RowEncoder encoder;
  private final GivenRows given;
  private final TokenAggregation aggregation;
  private final Shard shard;
  private final @Nullable TokenStream stream;

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
   * @throws ModelException if the model reads what no row can fill
   * @throws IllegalArgumentException if {@link #maxTokens} tokens are more than it takes
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
    this.given = new GivenRows(model, tokenizer, aggregation);
    int most = maxTokens(model, maxTokens);
    boolean ofIds = !areInputsRequired(model);
    this.stream = ofIds ? SampleEncoder.requireIds(model) : null;
    this.encoder = ofIds ? new RowEncoder(new SampleEncoder(model, tokenizer, most)) : null;
  }

  private static boolean areInputsRequired(Model model) throws ModelException {
    return InputFields.of(model).filter(InputFields::required).isPresent();
  }

  /** Returns after how many tokens texts are cut. Rows that give every input are never cut. */
  public static int maxTokens(Model model, OptionalInt wanted) throws ModelException {
    if (areInputsRequired(model)) {
      if (wanted.isPresent()) {
        throw new IllegalArgumentException(
            "texts are cut after "
                + wanted.getAsInt()
                + " tokens, but rows for "
                + model
                + " give every input, and are never cut");
      }
      return Integer.MAX_VALUE;
    }
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
        return switch (row) {
          case Row.Inputs inputs -> given.sample(inputs);
          case Row.Bad bad -> new Taken.Passed(bad.name(), bad.reason(), bad.detail());
          case Row.Text text -> encoded(text);
          case Row.Ids ids -> encoded(ids);
        };
      }
    }
  }

  private Taken encoded(Row row) throws IOException {
    if (encoder == null || stream == null) {
      throw new DataException(
          "line " + row.line() + " is a text or token ids, but " + given.expected());
    }
    return switch (encoder.encode(row)) {
      case EncodedRow.Passed passed ->
          new Taken.Passed(passed.name(), passed.reason(), passed.detail());
      case EncodedRow.Usable usable -> taken(row, usable, encoder, stream);
    };
  }

  private Taken taken(
      Row row, EncodedRow.Usable usable, RowEncoder rowEncoder, TokenStream tokenStream) {
    String name = usable.name();
    if (aggregation == TokenAggregation.SPAN
        && row instanceof Row.Text text
        && text.span().isPresent()
        && usable.span().isEmpty()) {
      return new Taken.Passed(name, "no token is left of its span", text.span().get().toString());
    }
    int tokens = usable.tokens().length();
    int width = usable.width();
    int needed = !tokenStream.marksPadding() ? tokenStream.fixedLength().orElse(width) : width;
    if ((!tokenStream.marksPadding() && width > tokens) || width < needed) {
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
                  rowEncoder.sample(row.line(), name, usable),
                  null,
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
