package dev.sightline.heads;

import dev.sightline.heads.TokenAggregation.Choice;
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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * Makes samples for a model from the rows of a data file. A row that the model cannot be fed is
 * passed over with a reason, and never cut or filled in silence. Owned by one thread.
 */
public final class SampleReader implements AutoCloseable {
  /** Bounds a text where the model names no limit of its own, as in an audit. */
  private static final int TOKENS_UNLESS_KNOWN = 2048;

  private final DataFile file;
  private final OnnxModel model;
  private final @Nullable Tokenizer tokenizer;
  private final TokenAggregation aggregation;
  private final Shard shard;
  private final TokenStream stream;
  private final int maxTokens;
  private final int vocabulary;

  /** A row of the shard: a sample, or why it is none. */
  sealed interface Taken {
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
   * @throws OnnxModelException if the model reads what no text can fill, or {@link #maxTokens}
   *     tokens are more than it takes
   */
  public SampleReader(
      DataFile file,
      OnnxModel model,
      @Nullable Tokenizer tokenizer,
      HeadRunOptions options,
      Shard shard)
      throws OnnxModelException {
    this.file = file;
    this.model = model;
    this.tokenizer = tokenizer;
    this.aggregation = options.aggregation();
    this.shard = shard;
    this.stream = requireTexts(model);
    this.maxTokens = maxTokens(model, options.maxTokens());
    this.vocabulary = model.vocabulary(stream).orElse(Integer.MAX_VALUE);
  }

  /** The stream that the data fill; all others follow from it. */
  static TokenStream requireTexts(OnnxModel model) throws OnnxModelException {
    List<TokenStream> streams = model.roles().streams();
    if (streams.isEmpty()) {
      throw new OnnxModelException(
          model
              + " reads no tokens: its inputs are "
              + model.inputs()
              + ", none of which is known");
    }
    for (TokenStream each : streams) {
      if (!each.isOfIds()) {
        throw new OnnxModelException(
            model + " reads '" + each.content() + "', which no row of a data file can fill");
      }
    }
    return streams.getFirst();
  }

  static int maxTokens(OnnxModel model, OptionalInt wanted) throws OnnxModelException {
    TokenStream first = requireTexts(model);
    OptionalInt taken = model.maxTokens(first);
    if (wanted.isEmpty()) {
      return taken.orElse(TOKENS_UNLESS_KNOWN);
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
  long rows() {
    return file.rows();
  }

  double fraction() {
    return file.fraction();
  }

  void skip(long rows) throws HeadsException {
    file.skip(rows);
  }

  /** The next row of the shard; null at the end of the file. */
  @Nullable Taken next() throws IOException {
    while (true) {
      long number = file.rows();
      Row row = file.next();
      if (row == null) {
        return null;
      }
      if (shard.has(number)) {
        return switch (row) {
          case Row.Text text -> text(text);
          case Row.Ids ids -> ids(ids);
          case Row.Bad bad -> new Taken.Passed(line(bad), bad.reason(), bad.detail());
        };
      }
    }
  }

  private static String line(Row row) {
    return "line " + row.line();
  }

  private static String name(Row row, String id) {
    return id.equals(Long.toString(row.line())) ? line(row) : id;
  }

  private Taken text(Row.Text row) throws OnnxModelException {
    String name = name(row, row.id());
    if (tokenizer == null) {
      throw new OnnxModelException(
          line(row)
              + " is a text, and there is no tokenizer.json beside "
              + model
              + "; name one with --tokenizer, or give input_ids");
    }
    TokenizedText tokens = tokenizer.encode(row.text(), maxTokens);
    model.requireKnown(stream, tokens);
    Optional<Span> span =
        row.span()
            .flatMap(each -> tokens.tokensOf(each.start(), each.end()))
            .map(range -> new Span(range.from(), range.to()));
    if (aggregation == TokenAggregation.SPAN && row.span().isPresent() && span.isEmpty()) {
      return new Taken.Passed(
          name, "no token is left of its span", row.span().orElseThrow().toString());
    }
    List<String> remarks = new ArrayList<>();
    if (tokens.dropped() > 0) {
      remarks.add("it was cut to " + maxTokens + " tokens");
    }
    return sample(row, row.id(), tokens, Optional.empty(), span, row.weight(), remarks);
  }

  private Taken ids(Row.Ids row) throws HeadsException {
    String name = name(row, row.id());
    if (!row.masked() && stream.mask() != null) {
      throw new HeadsException(
          line(row)
              + " has input_ids and no attention_mask, but "
              + model
              + " takes '"
              + stream.mask()
              + "': say which ids are real, with ones if all of them are");
    }
    for (int t = 0; t < row.tokens().length(); t++) {
      if (row.tokens().id(t) >= vocabulary) {
        return new Taken.Passed(
            name, "it has an id that the model does not know", Long.toString(row.tokens().id(t)));
      }
    }
    TokenizedText tokens = tokenizer == null ? row.tokens() : tokenizer.withSpecial(row.tokens());
    List<String> remarks = new ArrayList<>();
    if (row.place().filter(SampleReader::hasHoles).isPresent()) {
      remarks.add("its attention_mask has holes");
    }
    return sample(row, row.id(), tokens, row.place(), row.span(), row.weight(), remarks);
  }

  private static boolean hasHoles(Sample.Place place) {
    List<Integer> slots = place.slots();
    return !slots.isEmpty() && slots.getLast() - slots.getFirst() + 1 != slots.size();
  }

  private Taken sample(
      Row row,
      String id,
      TokenizedText tokens,
      Optional<Sample.Place> place,
      Optional<Span> span,
      double weight,
      List<String> remarks) {
    String name = name(row, id);
    int width = place.map(Sample.Place::width).orElse(tokens.length());
    if (width > maxTokens) {
      return new Taken.Passed(
          name, "it is longer than the model takes", width + " of " + maxTokens + " tokens");
    }
    int must = stream.mask() == null ? stream.fixedLength().orElse(width) : width;
    if ((stream.mask() == null && width > tokens.length()) || width < must) {
      return new Taken.Passed(
          name, "it needs padding, and the model takes no mask", tokens.length() + " tokens");
    }
    return switch (aggregation.choose(tokens.length(), span)) {
      case Choice.Skipped skipped -> new Taken.Passed(name, skipped.reason(), "");
      case Choice.Read read ->
          new Taken.Usable(
              new HeadSample(
                  id,
                  name,
                  new Sample(row.line(), name, streams(tokens), places(place), Map.of()),
                  read,
                  weight,
                  remarks));
    };
  }

  /** A later stream, as a decoder's, is fed the first half: it must be fed something. */
  private List<Tokens> streams(TokenizedText tokens) {
    List<Tokens> streams = new ArrayList<>();
    for (int s = 0; s < model.roles().streams().size(); s++) {
      streams.add(s == 0 ? tokens : tokens.first((tokens.length() + 1) / 2));
    }
    return streams;
  }

  private List<Optional<Sample.Place>> places(Optional<Sample.Place> first) {
    List<Optional<Sample.Place>> places = new ArrayList<>();
    for (int s = 0; s < model.roles().streams().size(); s++) {
      places.add(s == 0 ? first : Optional.empty());
    }
    return places;
  }

  @Override
  public void close() throws HeadsException {
    file.close();
  }
}
