package dev.sightline.mask.internal.band;

import java.util.Arrays;

/** Collects runs in any order and joins them: the union of many rows. */
public final class RunSet {
  private long[] runs = new long[16];
  private int size;

  public void add(int start, int end) {
    if (start >= end) {
      return;
    }
    if (size > 0 && (int) (runs[size - 1] >>> 32) == start && (int) runs[size - 1] <= end) {
      runs[size - 1] = pack(start, end);
      return;
    }
    if (size == runs.length) {
      if (size >= 1 << 22) {
        compact();
      }
      if (size > runs.length / 2) {
        runs = Arrays.copyOf(runs, Work.larger(size));
      }
    }
    runs[size++] = pack(start, end);
  }

  /** All keys of rows [first, last) of a band. A run that moves leaves no gap. */
  public void addAll(Band band, int first, int last) {
    for (int run = 0; run < band.runs(); run++) {
      add(band.start(run, first), band.end(run, last - 1));
    }
  }

  /** All runs of a set, given as {@link RunBounds}. */
  public void addAll(int[] bounds) {
    for (int b = 0; b < bounds.length; b += 2) {
      add(bounds[b], bounds[b + 1]);
    }
  }

  public void clear() {
    size = 0;
  }

  /** The union as {@link RunBounds}. */
  public int[] toBounds() {
    compact();
    int[] bounds = new int[2 * size];
    for (int i = 0; i < size; i++) {
      bounds[2 * i] = start(i);
      bounds[2 * i + 1] = end(i);
    }
    return bounds;
  }

  /** Sorts and joins, so that runs ascend with gaps. */
  public void compact() {
    boolean ascending = true;
    for (int i = 1; i < size && ascending; i++) {
      ascending = end(i - 1) < start(i);
    }
    if (ascending) {
      return;
    }
    Arrays.sort(runs, 0, size);
    int kept = 0;
    for (int i = 1; i < size; i++) {
      if (start(i) <= end(kept)) {
        runs[kept] = pack(start(kept), Math.max(end(kept), end(i)));
      } else {
        runs[++kept] = runs[i];
      }
    }
    size = kept + 1;
  }

  public int count() {
    return size;
  }

  public int start(int run) {
    return (int) (runs[run] >>> 32);
  }

  public int end(int run) {
    return (int) runs[run];
  }

  private static long pack(int start, int end) {
    return ((long) start << 32) | end;
  }
}
