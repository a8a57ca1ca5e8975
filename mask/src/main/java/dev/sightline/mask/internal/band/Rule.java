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
   * @param work counts what the answers of one question cost
   */
  record View(long start, long end, int until, Work work) {
    /** The same keys [first, last) for all rows, for a new question. */
    public static View of(int first, int last) {
      return new View(Band.edge(first, 0), Band.edge(last, 0), Integer.MAX_VALUE, new Work());
    }

    /** The part of this stretch around the runs of a band, which must not be empty. */
    public View around(Band band) {
      BandBuilder both = new BandBuilder(band.from(), Math.min(until, band.until()), 2);
      long first = both.max(start, band.edges()[0]);
      long last = both.min(end, band.edges()[band.edges().length - 1]);
      return new View(first, last, both.build().until(), work);
    }

    /** The same stretch until another row. */
    public View until(int row) {
      return new View(start, end, row, work);
    }

    /** The same stretch with every key moved to the right. */
    public View shift(int keys) {
      return new View(start + 2L * keys, end + 2L * keys, until, work);
    }
  }
}
