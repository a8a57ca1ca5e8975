package dev.sightline.onnx.inventory;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * The inputs of a model, sorted by role.
 *
 * @param streams the sequences of tokens it reads, in the order of the file
 * @param others all other inputs: caches of earlier tokens, masks over pairs, a time step, a switch
 */
public record ModelInputs(List<TokenStream> streams, List<TensorSpec> others) {
  /** Copies both lists. */
  public ModelInputs {
    streams = List.copyOf(streams);
    others = List.copyOf(others);
  }

  /**
   * Returns the number of rows in a batch.
   *
   * @return the number; empty if the file does not fix it
   */
  public OptionalInt fixedRows() {
    return streams.stream()
        .map(stream -> stream.content().fixed(0))
        .filter(OptionalInt::isPresent)
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  /**
   * Returns the streams that have a mask.
   *
   * @return indices into {@link #streams()}, ascending
   */
  public List<Integer> maskedStreams() {
    return IntStream.range(0, streams.size())
        .filter(stream -> streams.get(stream).mask() != null)
        .boxed()
        .toList();
  }

  /**
   * Returns the names of the inputs that mask a stream.
   *
   * @return the names in the order of the streams
   */
  public List<String> masks() {
    return streams.stream()
        .map(TokenStream::mask)
        .filter(mask -> mask != null)
        .map(TensorSpec::name)
        .toList();
  }
}
