package dev.sightline.data.internal.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * All tokens that a model computes a row with, numbered from 0: those of a cache that it is fed,
 * then the positions of each stream, padding included, in the order of the file.
 */
public final class JointTokens {
  /** The cache, where the index of a stream is expected. */
  public static final int PAST = -1;

  private final List<String> names;
  private final int past;
  private final List<Integer> widths;

  /**
   * Numbers tokens.
   *
   * @param names a name for each stream
   * @param past tokens of the cache, 0 if there is none
   * @param widths positions of each stream
   */
  public JointTokens(List<String> names, int past, List<Integer> widths) {
    this.names = List.copyOf(names);
    this.past = past;
    this.widths = List.copyOf(widths);
  }

  /** Returns the number of all tokens. */
  public int size() {
    return first(widths.size());
  }

  /** Returns the number of tokens of the cache. */
  public int past() {
    return past;
  }

  /** Returns the number of streams. */
  public int streams() {
    return widths.size();
  }

  /** Returns the number of tokens of a stream, or of the cache. */
  public int width(int stream) {
    return stream == PAST ? past : widths.get(stream);
  }

  /** Returns the number of the first token of a stream, or of the cache. */
  public int first(int stream) {
    int first = stream == PAST ? 0 : past;
    for (int s = 0; s < stream; s++) {
      first += widths.get(s);
    }
    return first;
  }

  /** Returns the stream of a token, or {@link #PAST}. */
  public int streamOf(int token) {
    int stream = PAST;
    while (stream + 1 < widths.size() && first(stream + 1) <= token) {
      stream++;
    }
    return stream;
  }

  /** Returns the position of a token in its stream, or in the cache. */
  public int positionOf(int token) {
    return token - first(streamOf(token));
  }

  /** Returns the name of a stream, or {@code past}. */
  public String name(int stream) {
    return stream == PAST ? "past" : names.get(stream);
  }

  /** Returns for every token the name of its stream and its position. */
  public List<String> plainNames() {
    List<String> plain = new ArrayList<>();
    for (int token = 0; token < size(); token++) {
      plain.add(name(streamOf(token)) + " " + positionOf(token));
    }
    return plain;
  }

  /** Returns names and widths, such as {@code past 15 + suffix_embeddings 5}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (int s = past > 0 ? PAST : 0; s < widths.size(); s++) {
      parts.add(name(s) + " " + width(s));
    }
    return String.join(" + ", parts);
  }
}
