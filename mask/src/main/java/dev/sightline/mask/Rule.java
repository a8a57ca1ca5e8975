package dev.sightline.mask;

/**
 * A node bound to sizes, batch row and head: what the rows of one {@code [Lq, Lk]} picture allow.
 * Immutable and safe to share between threads.
 */
@FunctionalInterface
interface Rule {
  /**
   * The allowed keys from a row on, for as many rows as they keep their form.
   *
   * @param row the first row of the band
   * @param view the keys that are asked about; outside of it the answer may be anything. Only rules
   *     with many runs in a row look at it
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
    /** Standing keys [first, last), for all rows. */
    static View of(int first, int last) {
      return new View(Band.edge(first, 0), Band.edge(last, 0), Integer.MAX_VALUE);
    }

    /** The smallest stretch around a band's runs, which must not be none. */
    static View around(Band band) {
      return new View(band.edges()[0], band.edges()[band.edges().length - 1], band.until());
    }

    View shift(int keys) {
      return new View(start + 2L * keys, end + 2L * keys, until);
    }
  }
}
