package dev.sightline.data;

import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.tensor.RawTensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One row of a batch before it is laid out: the real tokens of each stream, and other inputs of the
 * model for this row.
 *
 * @param number counted from 1 in the order of reading
 * @param label the text, or a name where there is none
 * @param streams the real tokens, in the order of {@link ModelInputs#streams}
 * @param placements the positions of each stream's tokens; empty if a batch may choose them
 * @param others values of other inputs by name, without the batch axis
 */
public record Sample(
    long number,
    String label,
    List<Tokens> streams,
    List<Optional<Placement>> placements,
    Map<String, RawTensor> others) {
  /**
   * Copies the lists and the map.
   *
   * @throws IllegalArgumentException if there are not as many placements as streams, or a placement
   *     has not as many positions as its stream has tokens
   */
  public Sample {
    streams = List.copyOf(streams);
    placements = List.copyOf(placements);
    others = Map.copyOf(others);
    if (placements.size() != streams.size()) {
      throw new IllegalArgumentException(
          placements.size() + " placements do not go with " + streams.size() + " streams");
    }
    for (int s = 0; s < streams.size(); s++) {
      int tokens = streams.get(s).length();
      int positions = placements.get(s).map(each -> each.positions().size()).orElse(tokens);
      if (positions != tokens) {
        throw new IllegalArgumentException(
            "stream " + s + " has " + tokens + " tokens, but " + positions + " positions for them");
      }
    }
  }

  /**
   * Makes a sample of tokens whose positions a batch may choose, without values of other inputs.
   *
   * @param number counted from 1 in the order of reading
   * @param label the text, or a name where there is none
   * @param streams the real tokens, in the order of {@link ModelInputs#streams}
   */
  public Sample(long number, String label, List<Tokens> streams) {
    this(
        number,
        label,
        streams,
        streams.stream().map(stream -> Optional.<Placement>empty()).toList(),
        Map.of());
  }

  /**
   * Makes a sample of one text. The first stream has all of its tokens; each later one, such as a
   * decoder's, has their first half, rounded up.
   *
   * @param number counted from 1 in the order of reading
   * @param label the text, or its name
   * @param tokens of the text
   * @param streams the number of streams of the model
   * @return the sample
   */
  public static Sample ofTokens(long number, String label, TokenizedText tokens, int streams) {
    List<Tokens> all = new ArrayList<>();
    for (int s = 0; s < streams; s++) {
      all.add(s == 0 ? tokens : tokens.first((tokens.length() + 1) / 2));
    }
    return new Sample(number, label, all);
  }

  /**
   * Gives the tokens of a stream positions.
   *
   * @param stream index of the stream
   * @param placement a position for each of its tokens
   * @return another sample
   * @throws IllegalArgumentException if the number of positions is not the number of tokens
   */
  public Sample withPlacement(int stream, Placement placement) {
    List<Optional<Placement>> changed = new ArrayList<>(placements);
    changed.set(stream, Optional.of(placement));
    return new Sample(number, label, streams, changed, others);
  }

  /**
   * Gives a stream other tokens, whose positions a batch chooses.
   *
   * @param stream index of the stream
   * @param tokens its tokens
   * @return another sample
   */
  public Sample with(int stream, Tokens tokens) {
    List<Tokens> changed = new ArrayList<>(streams);
    changed.set(stream, tokens);
    List<Optional<Placement>> anywhere = new ArrayList<>(placements);
    anywhere.set(stream, Optional.empty());
    return new Sample(number, label, changed, anywhere, others);
  }

  /**
   * Counts the real tokens of a stream.
   *
   * @param stream index of the stream
   * @return the number of tokens
   */
  public int length(int stream) {
    return streams.get(stream).length();
  }

  /**
   * The positions of the tokens of a stream in a row; the others are padding.
   *
   * @param positions the position of each token, counted from 0, ascending
   * @param width the number of positions
   */
  public record Placement(List<Integer> positions, int width) {
    /**
     * Copies the positions.
     *
     * @throws IllegalArgumentException if they do not ascend from 0 to below the width
     */
    public Placement {
      positions = List.copyOf(positions);
      int least = 0;
      for (int position : positions) {
        if (position < least || position >= width) {
          throw new IllegalArgumentException(
              "the positions " + positions + " do not ascend from 0 to below " + width);
        }
        least = position + 1;
      }
    }
  }
}
