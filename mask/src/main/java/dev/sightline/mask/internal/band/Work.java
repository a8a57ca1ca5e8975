package dev.sightline.mask.internal.band;

/**
 * Counts the runs that a question has been through, and gives up beyond a limit: a mask such as
 * {@code dilated(2)} alone has L / 2 runs in each of L rows, and at a million tokens a question
 * about all of them would not end. The parts of an expression count, not its result alone: the
 * difference of two equal masks is empty. For one thread.
 */
public final class Work {
  private static final long MOST_RUNS = 1L << 27;

  private long runs;

  public Work() {}

  /**
   * Returns twice the size of a full array.
   *
   * @throws IllegalArgumentException if there can be no such array
   */
  static int larger(int size) {
    if (size > 1 << 29) {
      throw new IllegalArgumentException(
          "this was not decided: the mask has more than 2^29 pieces; ask about fewer rows");
    }
    return Math.max(2, 2 * size);
  }

  /**
   * Counts a band and its runs.
   *
   * @throws IllegalArgumentException if they are too many
   */
  public void add(Band band) {
    runs += 1L + band.runs();
    if (runs > MOST_RUNS) {
      throw new IllegalArgumentException(
          "this was not decided: in the rows asked about the mask has more than 2^27 runs of"
              + " allowed keys (row "
              + band.from()
              + " alone has "
              + band.runs()
              + "); ask about fewer rows, or cut it with a window");
    }
  }
}
