package dev.sightline.mask;

/** Takes the allowed keys of one row after the other; see {@link BoundMask#rows}. */
@FunctionalInterface
public interface RowVisitor {
  /**
   * One row.
   *
   * @param query the row
   * @param bounds start, end, start, end of its runs of allowed keys, ascending with gaps; the
   *     array is used again for the next row, and may be longer
   * @param runs the number of runs
   */
  void row(int query, int[] bounds, int runs);
}
