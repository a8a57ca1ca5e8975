package dev.sightline.audit.declared;

import dev.sightline.data.JointTokens;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

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

  /** No names: tokens are called by their stream. */
  public static Segments none() {
    return NONE;
  }

  /**
   * Reads names and lengths, such as {@code state=1,future=32,action=8}: the tokens of a cache, if
   * the model is fed one, then those of every stream in the order of the file. They may end with
   * any stream; the rest keep their stream's name.
   *
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

  public boolean isEmpty() {
    return segments.isEmpty();
  }

  /**
   * The name of every token.
   *
   * @throws IllegalArgumentException if the segments do not end where a stream does, with both
   *     numbers
   */
  public List<String> names(JointTokens joint) {
    List<String> labels = new ArrayList<>();
    for (Segment segment : segments) {
      for (int t = 0; t < segment.tokens && labels.size() <= joint.size(); t++) {
        labels.add(segment.name);
      }
    }
    int named = segments.stream().mapToInt(Segment::tokens).sum();
    boolean ends = false;
    for (int s = JointTokens.PAST; s <= joint.streams(); s++) {
      ends |= joint.first(s) == named;
    }
    if (!ends) {
      throw new IllegalArgumentException(
          "the segments '"
              + text
              + "' name "
              + named
              + " tokens, but the model has "
              + joint
              + ", and names must end where a stream does");
    }
    List<String> names = new ArrayList<>(numbered(labels));
    names.addAll(joint.plainNames().subList(named, joint.size()));
    return names;
  }

  /** Equal labels told apart by a number, from 0. */
  public static List<String> numbered(List<String> labels) {
    Map<String, Integer> next = new HashMap<>();
    return labels.stream()
        .map(label -> label + " " + (next.merge(label, 1, Integer::sum) - 1))
        .toList();
  }

  /** The text it was read from. */
  @Override
  public String toString() {
    return text;
  }
}
