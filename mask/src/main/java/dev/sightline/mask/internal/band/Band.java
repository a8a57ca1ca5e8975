package dev.sightline.mask.internal.band;

/**
 * The allowed keys of a stretch of rows, as runs whose ends are either fixed or move one key to the
 * right with every row: in {@code causal} the end moves, in a window both ends do, in a document
 * neither. Almost every mask is a few such bands, at any length, and every question about it is
 * answered band by band.
 *
 * <p>Within a band the runs keep their number and order, none is empty, and no two touch.
 *
 * @param from the row the edges are given for
 * @param until one past the last row they are good for
 * @param edges start, end, start, end; see {@link #edge}
 */
@SuppressWarnings("ArrayRecordComponent") // never compared: a band lives for one step of a sweep
public record Band(int from, int until, long[] edges) {
  private static final long[] NONE = {};

  /**
   * Packs an edge of a run into one number.
   *
   * @param key the key position at the first row of the band
   * @param slope how far the edge moves to the right with every row, 0 or 1
   */
  public static long edge(long key, int slope) {
    return (key << 1) | slope;
  }

  /** Rows [from, until) that allow nothing. */
  public static Band empty(int from, int until) {
    return new Band(from, until, NONE);
  }

  /** Rows [from, until) that all allow the keys [start, end). */
  public static Band constant(int from, int until, long start, long end) {
    return start < end
        ? new Band(from, until, new long[] {edge(start, 0), edge(end, 0)})
        : empty(from, until);
  }

  /** Rows [from, until), each of which allows the keys up to its own. */
  public static Band upToRow(int from, int until) {
    return new Band(from, until, new long[] {edge(0, 0), edge(from + 1L, 1)});
  }

  /** The number of runs in each row. */
  public int runs() {
    return edges.length / 2;
  }

  /** Whether the rows allow nothing. */
  public boolean isEmpty() {
    return edges.length == 0;
  }

  /** The first key of a run, at a row of the band. */
  public int start(int run, int row) {
    return at(edges[2 * run], row);
  }

  /** One past the last key of a run, at a row of the band. */
  public int end(int run, int row) {
    return at(edges[2 * run + 1], row);
  }

  private int at(long edge, int row) {
    return (int) ((edge >> 1) + (edge & 1) * (row - from));
  }

  /** The number of allowed pairs in rows [first, last). */
  public long cells(int first, int last) {
    long rows = (long) last - first;
    long sum = 0;
    for (int run = 0; run < runs(); run++) {
      long width = (long) end(run, first) - start(run, first);
      long growth = (edges[2 * run + 1] & 1) - (edges[2 * run] & 1);
      sum += rows * width + growth * (rows * (rows - 1) / 2);
    }
    return sum;
  }

  /** The allowed keys of one row, as {@link RunBounds}. */
  public int[] row(int row) {
    int[] bounds = new int[edges.length];
    for (int run = 0; run < runs(); run++) {
      bounds[2 * run] = start(run, row);
      bounds[2 * run + 1] = end(run, row);
    }
    return bounds;
  }
}
