package dev.sightline.data.internal.row;

/**
 * A range of tokens or characters of a sample, such as an answer.
 *
 * @param start its first position, counted from 0
 * @param end the position after its last
 */
public record Span(int start, int end) {
  public Span {
    if (start < 0 || end <= start) {
      throw new IllegalArgumentException(
          "a span [start, end) needs 0 <= start < end, unlike [" + start + ", " + end + ")");
    }
  }

  /** Returns the range as in {@code [2, 5)}. */
  @Override
  public String toString() {
    return "[" + start + ", " + end + ")";
  }
}
