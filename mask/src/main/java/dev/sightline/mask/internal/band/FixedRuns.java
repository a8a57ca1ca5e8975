package dev.sightline.mask.internal.band;

import java.util.Arrays;

/**
 * Runs that are the same for many rows, such as the real keys of a padding mask. Where there are
 * many, a band takes only those in view: a token that shares its id with half a million others need
 * not copy their runs to answer about one key.
 */
public final class FixedRuns {
  /** Up to this many edges it is cheaper to take all of them than to search. */
  private static final int FEW = 16;

  private final long[] edges;

  private FixedRuns(long[] edges) {
    this.edges = edges;
  }

  /**
   * Runs of keys.
   *
   * @param bounds the runs as {@link RunBounds}
   */
  public static FixedRuns of(int[] bounds) {
    return new FixedRuns(edges(bounds));
  }

  static long[] edges(int[] bounds) {
    return Arrays.stream(bounds).mapToLong(bound -> Band.edge(bound, 0)).toArray();
  }

  /** The runs in view as a band of rows [row, until), or fewer rows where the view moves on. */
  public Band band(int row, int until, Rule.View view) {
    if (edges.length <= FEW) {
      return new Band(row, until, edges);
    }
    int first = firstEndAfter(view.start() >> 1);
    int last = firstStartFrom(view.end() >> 1);
    long good = Math.min(until, view.until());
    if ((view.end() & 1) == 1 && last < edges.length) {
      good = Math.min(good, row + (edges[last] >> 1) - (view.end() >> 1) + 1);
    }
    return new Band(
        row,
        (int) Math.max(row + 1L, good),
        first < last ? Arrays.copyOfRange(edges, first, last) : new long[0]);
  }

  private int firstEndAfter(long key) {
    int low = 0;
    int high = edges.length / 2;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((edges[2 * middle + 1] >> 1) > key) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return 2 * low;
  }

  private int firstStartFrom(long key) {
    int low = 0;
    int high = edges.length / 2;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if ((edges[2 * middle] >> 1) >= key) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return 2 * low;
  }
}
