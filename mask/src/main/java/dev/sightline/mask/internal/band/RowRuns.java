package dev.sightline.mask.internal.band;

import java.util.Arrays;

/**
 * A mask cell by cell, {@code [Lq, Lk]}, kept as the runs of allowed keys of every row: a million
 * rows of two runs each take 16 MB, where their cells would take 2^40 bits.
 */
public final class RowRuns {
  private final int keys;
  private final int[] firstBound;
  private final int[] bounds;

  private RowRuns(int keys, int[] firstBound, int[] bounds) {
    this.keys = keys;
    this.firstBound = firstBound;
    this.bounds = bounds;
  }

  /** Takes rows one after the other. */
  public static final class Builder {
    private final IntBuffer firstBound = new IntBuffer();
    private final IntBuffer bounds = new IntBuffer();

    /** No row yet. */
    public Builder() {
      firstBound.add(0);
    }

    /**
     * The next row.
     *
     * @param row its allowed keys as {@link RunBounds}
     */
    public Builder add(int[] row) {
      for (int bound : row) {
        bounds.add(bound);
      }
      firstBound.add(bounds.size());
      return this;
    }

    /** The rows, each over a number of keys. */
    public RowRuns build(int keys) {
      return new RowRuns(keys, firstBound.toArray(), bounds.toArray());
    }
  }

  /**
   * From cells, {@code [Lq, Lk]}, true = may attend.
   *
   * @throws IllegalArgumentException if a row is not as long as the first
   */
  public static RowRuns of(boolean[][] allowed) {
    int keys = allowed.length == 0 ? 0 : allowed[0].length;
    Builder rows = new Builder();
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
      rows.add(Bits.of(allowed[i]).runs());
    }
    return rows.build(keys);
  }

  /** Lq, the number of rows. */
  public int queries() {
    return firstBound.length - 1;
  }

  /** Lk, the number of keys. */
  public int keys() {
    return keys;
  }

  /** The allowed keys of a query, as {@link RunBounds}. */
  public int[] row(int query) {
    return Arrays.copyOfRange(bounds, firstBound[query], firstBound[query + 1]);
  }

  /** Whether two rows allow the same keys. */
  public boolean sameRow(int a, int b) {
    return Arrays.equals(
        bounds, firstBound[a], firstBound[a + 1], bounds, firstBound[b], firstBound[b + 1]);
  }

  /** The number of bounds of a query, twice the number of its runs. */
  public int boundCount(int query) {
    return firstBound[query + 1] - firstBound[query];
  }

  /** One bound of a query. */
  public int bound(int query, int index) {
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
