package dev.sightline.data;

import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One row of a batch before it is laid out: the real tokens of each stream, and whatever else the
 * model is fed for it.
 *
 * @param number counted from 1 in the order of reading
 * @param label the text, or a name where there is none
 * @param streams the real tokens, in the order of {@link ModelInputs#streams}
 * @param places the positions of a stream's tokens; empty if a batch may choose them
 * @param others values of other inputs by name, without the batch axis
 */
public record Sample(
    long number,
    String label,
    List<Tokens> streams,
    List<Optional<Place>> places,
    Map<String, RawTensor> others) {
  public Sample {
    streams = List.copyOf(streams);
    places = List.copyOf(places);
    others = Map.copyOf(others);
    if (places.size() != streams.size()) {
      throw new IllegalArgumentException(
          places.size() + " places do not go with " + streams.size() + " streams");
    }
  }

  /** Tokens whose positions a batch may choose. */
  public Sample(long number, String label, List<Tokens> streams) {
    this(
        number,
        label,
        streams,
        streams.stream().map(s -> Optional.<Place>empty()).toList(),
        Map.of());
  }

  /**
   * Returns a sample of tokens. The first stream has all of them; each later one, such as a
   * decoder's, has their first half, rounded up.
   *
   * @param streams the number of streams of the model
   */
  public static Sample ofTokens(long number, String label, TokenizedText tokens, int streams) {
    List<Tokens> all = new ArrayList<>();
    for (int s = 0; s < streams; s++) {
      all.add(s == 0 ? tokens : tokens.first((tokens.length() + 1) / 2));
    }
    return new Sample(number, label, all);
  }

  /** Returns the same sample with the tokens of a stream at given positions. */
  public Sample withPlace(int stream, Place place) {
    List<Optional<Place>> changed = new ArrayList<>(places);
    changed.set(stream, Optional.of(place));
    return new Sample(number, label, streams, changed, others);
  }

  /**
   * The positions of the tokens of a stream.
   *
   * @param slots the position of each token, ascending
   * @param width the number of positions
   */
  public record Place(List<Integer> slots, int width) {
    public Place {
      slots = List.copyOf(slots);
    }
  }

  /** Returns the same sample with other tokens in a stream, whose positions a batch chooses. */
  public Sample with(int stream, Tokens tokens) {
    List<Tokens> changed = new ArrayList<>(streams);
    changed.set(stream, tokens);
    List<Optional<Place>> anywhere = new ArrayList<>(places);
    anywhere.set(stream, Optional.empty());
    return new Sample(number, label, changed, anywhere, new HashMap<>(others));
  }

  /** The number of real tokens in a stream. */
  public int length(int stream) {
    return streams.get(stream).length();
  }
}
