package dev.sightline.mask.internal.band;

/** The index of the largest number in a range: a segment tree, O(log n) for a question. */
public final class RangeMax {
  private final int[] values;
  private final int[] best;
  private final int leaves;

  public RangeMax(int[] values) {
    this.values = values;
    this.leaves = Math.max(1, Integer.highestOneBit(Math.max(1, 2 * values.length - 1)));
    this.best = new int[2 * leaves];
    java.util.Arrays.fill(best, -1);
    for (int i = 0; i < values.length; i++) {
      best[leaves + i] = i;
    }
    for (int i = leaves - 1; i > 0; i--) {
      best[i] = larger(best[2 * i], best[2 * i + 1]);
    }
  }

  private int larger(int a, int b) {
    return a < 0 ? b : b < 0 || values[a] >= values[b] ? a : b;
  }

  /** The index of the largest value of [start, end), which must not be empty. */
  public int of(int start, int end) {
    int found = -1;
    int low = leaves + start;
    int high = leaves + end;
    while (low < high) {
      if ((low & 1) == 1) {
        found = larger(found, best[low++]);
      }
      if ((high & 1) == 1) {
        found = larger(found, best[--high]);
      }
      low >>= 1;
      high >>= 1;
    }
    return found;
  }
}
