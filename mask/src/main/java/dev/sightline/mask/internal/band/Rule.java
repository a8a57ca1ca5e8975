package dev.sightline.mask.internal.band;

/**
 * What each row of a {@code [Lq, Lk]} mask allows, for one batch row and one head. Immutable and
 * safe to share between threads.
 */
@FunctionalInterface
public interface Rule {
  /**
   * The allowed keys from a row on, for as many rows as they keep their form.
   *
   * @param row the first row of the band
   * @param view the keys that are asked about; outside of it the answer may be anything. Only rules
   *     with many runs in a row use it
   * @return the band; it has at least one row
   */
  Band band(int row, View view);

  /**
   * A stretch of keys whose ends may move with the row, as a {@link Band}'s do.
   *
   * @param start edge of the first key
   * @param end edge of one past the last key
   * @param until one past the last row the stretch is good for
   */
  record View(long start, long end, int until) {
    /** The same keys [first, last) for all rows. */
    public static View of(int first, int last) {
      return new View(Band.edge(first, 0), Band.edge(last, 0), Integer.MAX_VALUE);
    }

    /** The smallest stretch around the runs of a band, which must not be empty. */
    public static View around(Band band) {
      return new View(band.edges()[0], band.edges()[band.edges().length - 1], band.until());
    }

    /** The same stretch with every key moved to the right. */
    public View shift(int keys) {
      return new View(start + 2L * keys, end + 2L * keys, until);
    }
  }
}
