package dev.sightline.onnx.inventory;

import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * What a model is fed, by the part that each input plays.
 *
 * @param streams the sequences of tokens it reads, in the order of the file
 * @param others all other inputs: caches of earlier tokens, masks over pairs, a time step, a switch
 */
public record ModelInputs(List<TokenStream> streams, List<TensorSpec> others) {
  public ModelInputs {
    streams = List.copyOf(streams);
    others = List.copyOf(others);
  }

  /** Rows in a batch if the file fixes them. */
  public OptionalInt fixedRows() {
    return streams.stream()
        .map(stream -> stream.content().fixed(0))
        .filter(OptionalInt::isPresent)
        .findFirst()
        .orElse(OptionalInt.empty());
  }

  /** Indices of the streams that have a mask. */
  public List<Integer> maskedStreams() {
    return IntStream.range(0, streams.size())
        .filter(stream -> streams.get(stream).mask() != null)
        .boxed()
        .toList();
  }

  /** The names of the inputs that mask a stream, in the order of the streams. */
  public List<String> masks() {
    return streams.stream()
        .map(TokenStream::mask)
        .filter(mask -> mask != null)
        .map(TensorSpec::name)
        .toList();
  }
}
