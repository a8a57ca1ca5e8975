package dev.sightline.mask;

import java.util.Arrays;

/**
 * A set of positions as runs: ascending, disjoint, never touching, so that equal sets are equal
 * values. Position p is in run k when {@code start(k) <= p < end(k)}.
 */
public final class Runs {
  private final int[] bounds;

  private Runs(int[] bounds) {
    this.bounds = bounds;
  }

  /** Takes over an array of start, end, start, end that is ascending and has gaps between runs. */
  static Runs wrap(int[] bounds) {
    return new Runs(bounds);
  }

  /** The number of runs. */
  public int count() {
    return bounds.length / 2;
  }

  /** The first position of a run. */
  public int start(int run) {
    return bounds[2 * run];
  }

  /** One past the last position of a run. */
  public int end(int run) {
    return bounds[2 * run + 1];
  }

  public boolean isEmpty() {
    return bounds.length == 0;
  }

  /** The number of positions in all runs. */
  public long positions() {
    long sum = 0;
    for (int run = 0; run < count(); run++) {
      sum += end(run) - start(run);
    }
    return sum;
  }

  public boolean contains(int position) {
    int found = Arrays.binarySearch(bounds, position);
    // A start is inside its run, an end is not; between two bounds the lower one decides. Before
    // the
    // first bound that is index -1, which is odd and so outside, as it should be.
    int lower = found >= 0 ? found : -found - 2;
    return (lower & 1) == 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Runs that && Arrays.equals(bounds, that.bounds);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bounds);
  }

  /**
   * Inclusive ranges, as people write them: {@code 0..3, 7}; {@code nothing} where there is none.
   */
  @Override
  public String toString() {
    if (isEmpty()) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder();
    for (int run = 0; run < count(); run++) {
      text.append(run == 0 ? "" : ", ").append(start(run));
      if (end(run) - start(run) > 1) {
        text.append("..").append(end(run) - 1);
      }
    }
    return text.toString();
  }
}
