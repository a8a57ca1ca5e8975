package dev.sightline.onnx.inventory;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The inputs of a model, sorted by role.
 *
 * @param streams the sequences of tokens it reads, in the order of the file
 * @param others all other inputs: caches of earlier tokens, masks over pairs, a time step, a switch
 * @param rowAxes the axis of rows of some of the others, by name, where names of axes do not tell
 *     it and a run does
 */
public record ModelInputs(
    List<TokenStream> streams, List<TensorSpec> others, Map<String, Integer> rowAxes) {
  /** Copies lists and map. */
  public ModelInputs {
    streams = List.copyOf(streams);
    others = List.copyOf(others);
    rowAxes = Map.copyOf(rowAxes);
  }

  /**
   * Sorts inputs whose axes have names, or are as usual.
   *
   * @param streams the sequences of tokens
   * @param others all other inputs
   */
  public ModelInputs(List<TokenStream> streams, List<TensorSpec> others) {
    this(streams, others, Map.of());
  }

  /**
   * Returns the number of rows in a batch.
   *
   * @return the number; empty if the file does not fix it
   */
  public OptionalInt fixedRows() {
    return streams.stream()
        .map(stream -> stream.content().fixed(stream.rowAxis()))
        .filter(OptionalInt::isPresent)
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  /**
   * Returns the axis of an input that counts the rows of a batch. Equal names are equal axes, so
   * that it need not be the first, as in {@code [2, batch, heads, past, size]}.
   *
   * @param input one of the model's
   * @return the axis; empty if the input is the same for all rows, as a number is
   */
  public OptionalInt rowAxis(TensorSpec input) {
    if (input.dims().isEmpty()) {
      return OptionalInt.empty();
    }
    Integer known = rowAxes.get(input.name());
    if (known != null) {
      return OptionalInt.of(known);
    }
    for (TokenStream stream : streams) {
      if (stream.isTokensFirst(input)) {
        return OptionalInt.of(1);
      }
    }
    String rows = streams.isEmpty() ? "?" : rows(streams.getFirst());
    int named = input.dims().indexOf(rows);
    boolean isName = !rows.equals("?") && !rows.chars().allMatch(Character::isDigit);
    if (isName && named >= 0) {
      return OptionalInt.of(named);
    }
    if (!input.isFixed(0) || input.dims().getFirst().equals(rows)) {
      return OptionalInt.of(0);
    }
    // As [2, ?, 4, ?, 8] for keys and values, or [3, ?, ?] for three kinds of positions.
    return input.dims().size() > 2 && !input.isFixed(1) && fixedRows().isEmpty()
        ? OptionalInt.of(1)
        : OptionalInt.empty();
  }

  /**
   * Returns the name of the axis of rows in a stream.
   *
   * @param stream one of {@link #streams()}
   * @return the name, a number, or "?"
   */
  public static String rows(TokenStream stream) {
    return stream.content().dims().get(stream.rowAxis());
  }

  /**
   * Returns the axes of an input that count the tokens of a stream, as those of a second mask do.
   *
   * @param input one of the model's, not the content of a stream
   * @param stream index in {@link #streams()}
   * @return the axes, ascending
   */
  public List<Integer> tokenAxes(TensorSpec input, int stream) {
    TokenStream of = streams.get(stream);
    if (input.equals(of.mask()) || input.equals(of.tokenTypes()) || input.equals(of.positions())) {
      return List.of(of.isTokensFirst(input) ? 0 : 1);
    }
    String tokens = of.content().dims().get(of.axis());
    boolean tells = !tokens.equals("?") && !of.content().isFixed(of.axis());
    String name = input.name().toLowerCase(Locale.ROOT);
    if (!tells && !name.contains("mask")) {
      int last = input.dims().size() - 1; // as in position_ids [3, ?, ?]
      boolean positions = name.contains("position") && last >= 2 && !input.isFixed(last);
      return positions && stream == 0 ? List.of(last) : List.of();
    }
    int rows = rowAxis(input).orElse(-1);
    return IntStream.range(0, input.dims().size())
        .filter(axis -> axis != rows && input.dims().get(axis).equals(tokens))
        .boxed()
        .toList();
  }

  /**
   * Returns the streams of which an input says what is padding: a mask, or lengths.
   *
   * @return indices into {@link #streams()}, ascending
   */
  public List<Integer> maskedStreams() {
    return IntStream.range(0, streams.size())
        .filter(stream -> streams.get(stream).marksPadding())
        .boxed()
        .toList();
  }

  /**
   * Returns the names of the inputs that say what is padding: masks, and lengths.
   *
   * @return the names in the order of the streams
   */
  public List<String> masks() {
    return streams.stream()
        .flatMap(stream ->
            Stream.concat(Stream.ofNullable(stream.mask()), Stream.ofNullable(stream.lengths())))
        .map(TensorSpec::name)
        .toList();
  }
}
