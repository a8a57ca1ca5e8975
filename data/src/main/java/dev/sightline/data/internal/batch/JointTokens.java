package dev.sightline.data.internal.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * All tokens that a model computes with, numbered one after the other: the slots of a cache that it
 * is fed, then the slots of each stream, padding included, in the order of the file.
 */
public final class JointTokens {
  /** Stands for the cache where a stream's index is expected. */
  public static final int PAST = -1;

  private final List<String> names;
  private final int past;
  private final List<Integer> widths;

  /**
   * Tokens of so many slots.
   *
   * @param names of the streams
   * @param past slots of the cache, 0 if there is none
   * @param widths slots of each stream
   */
  public JointTokens(List<String> names, int past, List<Integer> widths) {
    this.names = List.copyOf(names);
    this.past = past;
    this.widths = List.copyOf(widths);
  }

  public int size() {
    return first(widths.size());
  }

  public int past() {
    return past;
  }

  public int streams() {
    return widths.size();
  }

  /** Slots of a stream, or of the cache. */
  public int width(int stream) {
    return stream == PAST ? past : widths.get(stream);
  }

  /** The number of the first token of a stream, or of the cache. */
  public int first(int stream) {
    int first = stream == PAST ? 0 : past;
    for (int s = 0; s < stream; s++) {
      first += widths.get(s);
    }
    return first;
  }

  /** The stream that a token belongs to, or {@link #PAST}. */
  public int streamOf(int token) {
    int stream = PAST;
    while (stream + 1 < widths.size() && first(stream + 1) <= token) {
      stream++;
    }
    return stream;
  }

  /** The slot of a token in its stream. */
  public int slotOf(int token) {
    return token - first(streamOf(token));
  }

  /** The name of a stream, or {@code past}. */
  public String name(int stream) {
    return stream == PAST ? "past" : names.get(stream);
  }

  /** Every token by its stream's name and its slot. */
  public List<String> plainNames() {
    List<String> plain = new ArrayList<>();
    for (int token = 0; token < size(); token++) {
      plain.add(name(streamOf(token)) + " " + slotOf(token));
    }
    return plain;
  }

  /** As in {@code past 15 + suffix_embeddings 5}. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    for (int s = past > 0 ? PAST : 0; s < widths.size(); s++) {
      parts.add(name(s) + " " + width(s));
    }
    return String.join(" + ", parts);
  }
}
