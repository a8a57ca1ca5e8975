package dev.sightline.mask.internal.band;

import java.util.Arrays;

/**
 * Builds a band from moving edges. Every comparison of two edges is decided at the band's first
 * row, and the row at which it would be decided otherwise bounds the band, so that what was built
 * for the first row holds for all of them.
 */
public final class BandBuilder {
  private static final int MOST_EDGES = 1 << 25;

  private final int row;
  private long until;
  private long[] edges;
  private int size;

  /**
   * A band that begins at a row.
   *
   * @param row the row the edges are given for
   * @param until one past the last row, if no comparison ends the band before
   * @param capacity how many edges are expected
   */
  public BandBuilder(int row, long until, int capacity) {
    this.row = row;
    this.until = until;
    this.edges = new long[Math.max(2, capacity)];
  }

  /** Whether {@code a < b}, here and until the band ends. */
  public boolean less(long a, long b) {
    long distance = (a >> 1) - (b >> 1);
    long drift = (a & 1) - (b & 1);
    if (distance < 0) {
      if (drift > 0) {
        until = Math.min(until, row - distance);
      }
      return true;
    }
    if (drift < 0) {
      until = Math.min(until, row + distance + 1);
    }
    return false;
  }

  /** The smaller edge, here and until the band ends. */
  public long min(long a, long b) {
    return less(a, b) ? a : b;
  }

  /** The larger edge, here and until the band ends. */
  public long max(long a, long b) {
    return less(a, b) ? b : a;
  }

  /** Ends the band at a row, if it does not end before. */
  public void limit(long row) {
    until = Math.min(until, row);
  }

  /** Appends a run unless it is empty; it must begin after the last one, not touching it. */
  public void add(long start, long end) {
    if (less(start, end)) {
      append(start, end);
    }
  }

  /** Appends a run unless it is empty, joining it to the last one where they touch or overlap. */
  public void join(long start, long end) {
    if (!less(start, end)) {
      return;
    }
    if (size == 0 || less(edges[size - 1], start)) {
      append(start, end);
    } else {
      edges[size - 1] = max(edges[size - 1], end);
    }
  }

  private void append(long start, long end) {
    if (size == MOST_EDGES) {
      throw new IllegalArgumentException(
          "this was not decided: row "
              + row
              + " of the mask has more than 2^24 runs of allowed keys; cut it with a window");
    }
    if (size == edges.length) {
      edges = Arrays.copyOf(edges, 2 * size);
    }
    edges[size++] = start;
    edges[size++] = end;
  }

  /** The band of the runs so far. */
  public Band build() {
    return new Band(row, (int) until, size == edges.length ? edges : Arrays.copyOf(edges, size));
  }

  /** The keys that both bands allow; both begin at the same row. */
  public static Band and(Band a, Band b) {
    int last = Math.min(a.until(), b.until());
    if (a.isEmpty() || b.isEmpty()) {
      return Band.empty(a.from(), a.isEmpty() ? a.until() : b.until());
    }
    BandBuilder out = new BandBuilder(a.from(), last, a.edges().length);
    long[] x = a.edges();
    long[] y = b.edges();
    for (int p = 0, q = 0; p < x.length && q < y.length; ) {
      out.add(out.max(x[p], y[q]), out.min(x[p + 1], y[q + 1]));
      if (out.less(x[p + 1], y[q + 1])) {
        p += 2;
      } else {
        q += 2;
      }
    }
    return out.build();
  }

  /** The keys that either band allows; both begin at the same row. */
  public static Band or(Band a, Band b) {
    int last = Math.min(a.until(), b.until());
    long[] x = a.edges();
    long[] y = b.edges();
    BandBuilder out = new BandBuilder(a.from(), last, x.length + y.length);
    for (int p = 0, q = 0; p < x.length || q < y.length; ) {
      if (q == y.length || (p < x.length && out.less(x[p], y[q]))) {
        out.join(x[p], x[p + 1]);
        p += 2;
      } else {
        out.join(y[q], y[q + 1]);
        q += 2;
      }
    }
    return out.build();
  }

  /** The keys of [0, keys) that the band does not allow. */
  public static Band not(Band a, int keys) {
    BandBuilder out = new BandBuilder(a.from(), a.until(), a.edges().length + 2);
    long previous = Band.edge(0, 0);
    long[] x = a.edges();
    for (int p = 0; p < x.length; p += 2) {
      out.add(previous, x[p]);
      previous = x[p + 1];
    }
    out.add(previous, Band.edge(keys, 0));
    return out.build();
  }
}
