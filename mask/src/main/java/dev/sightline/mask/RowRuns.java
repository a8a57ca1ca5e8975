package dev.sightline.mask;

import java.util.Arrays;

/**
 * A mask cell by cell, {@code [Lq, Lk]}, kept as the runs of allowed keys of every row: a million
 * rows of two runs each take 16 MB, where their cells would take 2^40 bits.
 */
final class RowRuns {
  private final int keys;
  private final int[] firstBound;
  private final int[] bounds;

  /**
   * Takes over its arrays.
   *
   * @param firstBound where the bounds of a row begin, one more entry than rows
   * @param bounds start, end, start, end of every row, ascending with gaps
   */
  RowRuns(int keys, int[] firstBound, int[] bounds) {
    this.keys = keys;
    this.firstBound = firstBound;
    this.bounds = bounds;
  }

  /** From cells, true = may attend; every row must be as long as the first. */
  static RowRuns of(boolean[][] allowed) {
    int keys = allowed.length == 0 ? 0 : allowed[0].length;
    int[] first = new int[allowed.length + 1];
    IntBuffer bounds = new IntBuffer();
    for (int i = 0; i < allowed.length; i++) {
      if (allowed[i].length != keys) {
        throw new IllegalArgumentException(
            "every row of a dense mask must have the same number of keys, but row 0 has "
                + keys
                + " and row "
                + i
                + " has "
                + allowed[i].length);
      }
      for (int bound : Tokens.runsOf(Bits.of(allowed[i]))) {
        bounds.add(bound);
      }
      first[i + 1] = bounds.size();
    }
    return new RowRuns(keys, first, bounds.toArray());
  }

  int queries() {
    return firstBound.length - 1;
  }

  int keys() {
    return keys;
  }

  Runs row(int query) {
    return Runs.wrap(Arrays.copyOfRange(bounds, firstBound[query], firstBound[query + 1]));
  }

  /** Whether two rows allow the same keys. */
  boolean sameRow(int a, int b) {
    return Arrays.equals(
        bounds, firstBound[a], firstBound[a + 1], bounds, firstBound[b], firstBound[b + 1]);
  }

  int boundCount(int query) {
    return firstBound[query + 1] - firstBound[query];
  }

  int bound(int query, int index) {
    return bounds[firstBound[query] + index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof RowRuns that
        && keys == that.keys
        && Arrays.equals(firstBound, that.firstBound)
        && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return 31 * (31 * keys + Arrays.hashCode(firstBound)) + Arrays.hashCode(bounds);
  }
}
