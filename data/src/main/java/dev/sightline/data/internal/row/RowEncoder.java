package dev.sightline.data.internal.row;

import dev.sightline.data.DataException;
import dev.sightline.data.Sample;
import dev.sightline.data.SampleEncoder;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Encodes the rows of data files for a model. A row that the model cannot take is passed over with
 * a reason; a text that is too long is cut with a remark.
 */
public final class RowEncoder {
  private final Model model;
  private final SampleEncoder encoder;

  /**
   * An encoder of rows.
   *
   * @param encoder for the model that reads the samples
   */
  public RowEncoder(SampleEncoder encoder) {
    this.encoder = encoder;
    this.model = encoder.model();
  }

  /** Returns the largest number of tokens of a sample. */
  public int maxTokens() {
    return encoder.maxTokens();
  }

  /**
   * Returns the row as tokens, or why it is passed over.
   *
   * @throws ModelException if the row is a text and there is no tokenizer, or the tokenizer is not
   *     the model's
   * @throws DataException if the row has ids without a mask, and the model takes a mask
   */
  public EncodedRow encode(Row row) throws IOException {
    return switch (row) {
      case Row.Text text -> text(text);
      case Row.Ids ids -> ids(ids);
      case Row.Inputs inputs ->
          throw new IllegalArgumentException(
              "line " + inputs.line() + " has values of inputs, which are not encoded");
      case Row.Bad bad -> new EncodedRow.Passed(bad.name(), bad.reason(), bad.detail());
    };
  }

  /** Returns the sample of a row; streams after the first have the first half of its tokens. */
  public Sample sample(long number, String label, EncodedRow.Usable row) {
    Sample sample = encoder.sample(number, label, row.tokens());
    return row.placement().map(placement -> sample.withPlacement(0, placement)).orElse(sample);
  }

  private static String line(Row row) {
    return "line " + row.line();
  }

  /** Returns what people call a row: its own id, or its line. */
  public static String name(Row row, String id) {
    return id.equals(Long.toString(row.line())) ? line(row) : id;
  }

  private EncodedRow text(Row.Text row) throws ModelException {
    if (!encoder.hasTokenizer()) {
      throw new ModelException(
          line(row)
              + " is a text, and there is no tokenizer.json beside "
              + model
              + "; name one with --tokenizer, or give input_ids");
    }
    TokenizedText tokens = encoder.encode(row.text());
    Optional<Span> span =
        row.span()
            .flatMap(each -> tokens.tokensOf(each.start(), each.end()))
            .map(range -> new Span(range.from(), range.to()));
    List<String> remarks =
        tokens.dropped() > 0
            ? List.of("it was cut to " + encoder.maxTokens() + " tokens")
            : List.of();
    return new EncodedRow.Usable(
        row.id(),
        name(row, row.id()),
        row.text(),
        tokens,
        Optional.empty(),
        span,
        row.weight(),
        remarks);
  }

  private EncodedRow ids(Row.Ids row) throws DataException {
    String name = name(row, row.id());
    if (!row.masked() && encoder.stream().mask() != null) {
      throw new DataException(
          line(row)
              + " has input_ids and no attention_mask, but "
              + model
              + " takes '"
              + encoder.stream().mask()
              + "': say which ids are real, with ones if all of them are");
    }
    OptionalInt unknown = encoder.firstUnknown(row.tokens());
    if (unknown.isPresent()) {
      return new EncodedRow.Passed(
          name,
          "it has an id that the model does not know",
          Long.toString(row.tokens().id(unknown.getAsInt())));
    }
    EncodedRow.Usable usable =
        new EncodedRow.Usable(
            row.id(),
            name,
            name,
            encoder.withSpecial(row.tokens()),
            row.placement(),
            row.span(),
            row.weight(),
            row.placement().filter(RowEncoder::hasHoles).isPresent()
                ? List.of("its attention_mask has holes")
                : List.of());
    if (usable.width() > encoder.maxTokens()) {
      return new EncodedRow.Passed(
          name,
          "it is longer than the model takes",
          usable.width() + " of " + encoder.maxTokens() + " tokens");
    }
    return usable;
  }

  private static boolean hasHoles(Sample.Placement placement) {
    List<Integer> positions = placement.positions();
    return !positions.isEmpty()
        && positions.getLast() - positions.getFirst() + 1 != positions.size();
  }
}
