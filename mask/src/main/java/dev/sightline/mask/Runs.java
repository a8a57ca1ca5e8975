package dev.sightline.mask;

import dev.sightline.mask.internal.band.RunBounds;
import java.util.Arrays;

/**
 * A set of positions as runs: ascending, disjoint, never touching, so that equal sets are equal
 * values. Position p is in run k when {@code start(k) <= p < end(k)}. Immutable.
 */
public final class Runs {
  private final int[] bounds;

  private Runs(int[] bounds) {
    this.bounds = bounds;
  }

  /** Takes over an array of run bounds. */
  static Runs wrap(int[] bounds) {
    return new Runs(bounds);
  }

  /**
   * {@return runs from their bounds: start, end, start, end; ends are exclusive}
   *
   * @param bounds {@code [2 * runs]}, each start followed by its end
   * @throws IllegalArgumentException if the bounds are not ascending, or are odd in number
   */
  public static Runs of(int... bounds) {
    for (int b = 0; b < bounds.length; b++) {
      if (bounds.length % 2 == 1 || bounds[b] < 0 || (b > 0 && bounds[b] <= bounds[b - 1])) {
        throw new IllegalArgumentException(
            "runs are an ascending list of starts and ends, each greater than the one before, but"
                + " are "
                + Arrays.toString(bounds));
      }
    }
    return new Runs(bounds.clone());
  }

  int[] bounds() {
    return bounds;
  }

  /** {@return the number of runs} */
  public int count() {
    return bounds.length / 2;
  }

  /**
   * {@return the first position of a run}
   *
   * @param run the run, from 0
   */
  public int start(int run) {
    return bounds[2 * run];
  }

  /**
   * {@return one past the last position of a run}
   *
   * @param run the run, from 0
   */
  public int end(int run) {
    return bounds[2 * run + 1];
  }

  /** {@return whether there is no position in the set} */
  public boolean isEmpty() {
    return bounds.length == 0;
  }

  /** {@return the number of positions in all runs} */
  public long positions() {
    return RunBounds.positions(bounds);
  }

  /**
   * {@return whether a position is in one of the runs}
   *
   * @param position the position, from 0
   */
  public boolean contains(int position) {
    return RunBounds.contains(bounds, position);
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
    return RunBounds.text(bounds);
  }
}
