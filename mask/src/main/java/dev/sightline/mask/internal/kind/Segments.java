package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Ints;

/** Segments of a sequence, one after the other, by where they end. */
final class Segments {
  private final int first;
  private final int[] ends;

  private Segments(int first, int[] ends) {
    this.first = first;
    this.ends = ends;
  }

  /** Segments of the given lengths, the first beginning at a token. */
  static Segments of(int start, Ints lengths) {
    int[] ends = new int[lengths.size()];
    for (int s = 0, end = start; s < ends.length; s++) {
      end += lengths.get(s);
      ends[s] = end;
    }
    return new Segments(start, ends);
  }

  /** A token's segment in words, such as {@code document 2} or {@code no document}. */
  String name(String what, int token) {
    int segment = of(token);
    return segment == count() ? "no " + what : what + " " + segment;
  }

  int count() {
    return ends.length;
  }

  /** The first token of a segment. */
  int start(int segment) {
    return segment == 0 ? first : ends[segment - 1];
  }

  /** One past the last token of a segment. */
  int end(int segment) {
    return ends[segment];
  }

  /** The segment of a token that is not before the first; their number where it is in none. */
  int of(int token) {
    int low = 0;
    int high = ends.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (ends[middle] > token) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  }
}
