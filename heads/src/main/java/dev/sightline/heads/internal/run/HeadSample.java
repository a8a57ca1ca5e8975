package dev.sightline.heads.internal.run;

import dev.sightline.data.Sample;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Tokens;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A row of a data file that the model can be fed.
 *
 * @param name for people: its own id, or its line
 * @param given what the row gives for every input; null where a batch lays out the tokens
 * @param read the tokens that its value is read from
 * @param remarks what is to be known of it, such as that it was cut
 */
public record HeadSample(
    String id,
    String name,
    Sample sample,
    @Nullable Given given,
    TokenChoice.Read read,
    double weight,
    List<String> remarks) {
  /** A given row that has no positions to speak of takes as much as one of this many bytes. */
  private static final int BYTES_OF_A_POSITION = 1 << 11;

  /**
   * What a row gives for every input. Each attention has tokens of its own among them.
   *
   * @param inputs by name, in the order of the model
   * @param aggregation how the values of an attention's queries become one
   */
  record Given(Map<String, RawTensor> inputs, TokenAggregation aggregation) {
    Given {
      inputs = Collections.unmodifiableMap(new LinkedHashMap<>(inputs));
    }
  }

  /** Whether the row gives every input. */
  boolean isGiven() {
    return given != null;
  }

  /** What the row gives for every input; empty where a batch lays out the tokens. */
  Map<String, RawTensor> inputs() {
    return given == null ? Map.of() : given.inputs();
  }

  /** The queries that a value is read from, of an attention with some number of real ones. */
  TokenChoice.Read read(int queries) {
    return given == null
        ? read
        : new TokenChoice.Read(
            given.aggregation() == TokenAggregation.LAST ? Math.max(0, queries - 1) : 0, queries);
  }

  /** The real tokens: of a text, or of all sequences that the row gives; 1 if it has none. */
  int tokens() {
    return isGiven() ? Math.max(1, tokens(sample)) : sample.length(0);
  }

  private static int tokens(Sample sample) {
    return sample.streams().stream().mapToInt(Tokens::length).sum();
  }

  /** The shapes of what the row gives: those of a batch have equal ones. */
  List<Shape> shapes() {
    return inputs().values().stream().map(RawTensor::shape).toList();
  }

  /** The number of positions that it needs in a batch, or as many as its bytes are worth. */
  int width() {
    if (isGiven()) {
      long positions =
          sample.placements().stream().mapToLong(each -> each.orElseThrow().width()).sum();
      long bytes = inputs().values().stream().mapToLong(each -> each.elements().size()).sum();
      return (int) Math.max(1, Math.max(positions, bytes / BYTES_OF_A_POSITION));
    }
    return sample.placements().getFirst().map(Sample.Placement::width).orElse(tokens());
  }
}
