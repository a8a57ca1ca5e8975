package dev.sightline.onnx.internal.graph;

import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.onnx.inventory.TokenStream;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the tables of a graph say about a stream of tokens.
 *
 * @param vocabulary how many ids the embedding table has
 * @param padId the id that the graph compares with to find padding
 * @param endId the id at which the graph pools a text, its end
 * @param maxTokens the fixed length, or the rows of the position table
 * @param leastTokens how many made-up tokens it needs at least; not of the graph, but of a run
 */
public record StreamLimits(
    OptionalInt vocabulary,
    OptionalLong padId,
    OptionalLong endId,
    OptionalInt maxTokens,
    OptionalInt leastTokens) {
  /** Reads them from the tables of the stream's graph. */
  public static StreamLimits of(TokenStream stream, Tables tables) {
    OptionalInt direct = tables.rowsLookedUpBy(stream.name());
    return new StreamLimits(
        direct.isPresent() || !stream.isOfIds() ? direct : tables.rowsComputedFrom(stream.name()),
        tables.padId(stream.name()),
        tables.endId(stream.name()),
        maxTokens(stream, tables),
        OptionalInt.empty());
  }

  /** Returns the same without a limit to the length. */
  public StreamLimits withoutMaxTokens() {
    return new StreamLimits(vocabulary, padId, endId, OptionalInt.empty(), leastTokens);
  }

  /** Returns the same with a least length of made-up samples. */
  public StreamLimits withLeastTokens(int least) {
    return new StreamLimits(vocabulary, padId, endId, maxTokens, OptionalInt.of(least));
  }

  private static OptionalInt maxTokens(TokenStream stream, Tables tables) {
    if (stream.fixedLength().isPresent()) {
      return stream.fixedLength();
    }
    TensorSpec positions = stream.positions();
    OptionalInt given =
        positions == null ? OptionalInt.empty() : tables.rowsLookedUpBy(positions.name());
    // A model can take positions and ignore them.
    return given.isPresent() ? given : tables.positions();
  }
}
