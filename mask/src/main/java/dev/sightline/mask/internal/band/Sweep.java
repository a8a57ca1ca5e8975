package dev.sightline.mask.internal.band;

/**
 * Walks over the bands of a rule, first row to last. It counts the runs it passes and gives up
 * beyond a limit: a mask such as {@code dilated(2)} alone has L / 2 runs in each of L rows, and at
 * a million tokens a question about all of them would not end.
 */
public final class Sweep {
  private static final long MOST_RUNS = 1L << 28;

  private final Rule rule;
  private final Rule.View view;
  private final int end;
  private int row;
  private long passed;

  public Sweep(Rule rule, int queries, int keys) {
    this(rule, 0, queries, Rule.View.of(0, keys));
  }

  public Sweep(Rule rule, int first, int end, Rule.View view) {
    this.rule = rule;
    this.row = first;
    this.end = end;
    this.view = view;
  }

  public boolean hasNext() {
    return row < end;
  }

  /** The next band; it may reach beyond the last row asked for, {@link #end} tells how far. */
  public Band next() {
    Band band = rule.band(row, view);
    if (band.until() <= row) {
      throw new AssertionError("a band of no rows at row " + row);
    }
    row = band.until();
    passed += 1 + band.runs();
    if (passed > MOST_RUNS) {
      throw new IllegalArgumentException(
          "this mask has more than 2^28 runs of allowed keys in the rows asked about (row "
              + band.from()
              + " alone has "
              + band.runs()
              + "); ask about fewer rows, or cut it with a window");
    }
    return band;
  }

  /** One past the last row that a band covers here. */
  public int end(Band band) {
    return Math.min(end, band.until());
  }
}
