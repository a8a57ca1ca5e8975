package dev.sightline.audit.declared;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Names of ranges of tokens, so that a message can say {@code action 2} and not {@code
 * state_action_embeddings 35}. Immutable.
 */
public final class Segments {
  private static final Segments NONE = new Segments("", List.of());

  private final String text;
  private final List<Segment> segments;

  private record Segment(String name, int tokens) {}

  private Segments(String text, List<Segment> segments) {
    this.text = text;
    this.segments = List.copyOf(segments);
  }

  /** {@return segments without names: tokens are called by their stream} */
  public static Segments none() {
    return NONE;
  }

  /**
   * {@return the segments of names and lengths, such as {@code state=1,future=32,action=8}: the
   * tokens of a cache, if the model is fed one, then those of every stream in the order of the
   * file} They may end with any stream; the rest keep their stream's name.
   *
   * @param text pairs of a name and a number of tokens
   * @throws IllegalArgumentException if a piece is not of that form, which it quotes
   */
  public static Segments parse(String text) {
    List<Segment> segments = new ArrayList<>();
    for (String piece : text.split(",", -1)) {
      int equals = piece.lastIndexOf('=');
      String name = equals < 0 ? "" : piece.substring(0, equals).strip();
      String tokens = piece.substring(equals + 1).strip();
      if (name.isEmpty() || !tokens.matches("[1-9][0-9]{0,6}")) {
        throw new IllegalArgumentException(
            "'"
                + piece.strip()
                + "' is no segment; expected a name and its number of tokens, such as action=8");
      }
      segments.add(new Segment(name, Integer.parseInt(tokens)));
    }
    return new Segments(text.strip(), segments);
  }

  /** {@return whether no tokens are named} */
  public boolean isEmpty() {
    return segments.isEmpty();
  }

  /**
   * Counts the tokens that are named.
   *
   * @return the tokens of all segments
   */
  public int tokens() {
    return segments.stream().mapToInt(Segment::tokens).sum();
  }

  /**
   * Lists the segment of each token.
   *
   * @param most how many tokens to list at most
   * @return a segment's name for each token, in the order of the tokens
   */
  public List<String> labels(int most) {
    return segments.stream()
        .flatMap(segment -> Stream.generate(segment::name).limit(segment.tokens))
        .limit(most)
        .toList();
  }

  /** The text it was read from. */
  @Override
  public String toString() {
    return text;
  }
}
