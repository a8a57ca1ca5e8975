package dev.sightline.mask.internal.band;

import java.util.Arrays;

/**
 * A set of positions as an array of run bounds, {@code start, end, start, end}: ascending, ends
 * exclusive, no two runs touching. Position p is in the set when {@code start <= p < end} for a
 * run. Equal sets have equal arrays.
 */
public final class RunBounds {
  private RunBounds() {}

  /** The positions [0, size). */
  public static int[] all(int size) {
    return size == 0 ? new int[0] : new int[] {0, size};
  }

  /** Whether a position is in the set. */
  public static boolean contains(int[] bounds, int position) {
    return (firstAfter(bounds, position) & 1) == 1;
  }

  /** The index of the first bound after a position; odd where the position is in the set. */
  public static int firstAfter(int[] bounds, int position) {
    int found = Arrays.binarySearch(bounds, position);
    return found >= 0 ? found + 1 : -found - 1;
  }

  /** The number of positions in the set. */
  public static long positions(int[] bounds) {
    long sum = 0;
    for (int b = 0; b < bounds.length; b += 2) {
      sum += bounds[b + 1] - bounds[b];
    }
    return sum;
  }

  /** The first position that is in both sets, -1 where there is none. */
  public static int firstCommon(int[] a, int[] b) {
    for (int i = 0, j = 0; i < a.length && j < b.length; ) {
      int start = Math.max(a[i], b[j]);
      if (start < Math.min(a[i + 1], b[j + 1])) {
        return start;
      }
      if (a[i + 1] < b[j + 1]) {
        i += 2;
      } else {
        j += 2;
      }
    }
    return -1;
  }

  /** The positions of the set below a limit. */
  public static int[] below(int[] bounds, int limit) {
    IntBuffer kept = new IntBuffer();
    for (int b = 0; b < bounds.length && bounds[b] < limit; b += 2) {
      kept.add(bounds[b]);
      kept.add(Math.min(limit, bounds[b + 1]));
    }
    return kept.toArray();
  }

  /** The positions of a set that are not in another. */
  public static int[] minus(int[] all, int[] taken) {
    if (all.length == 0) {
      return all;
    }
    Band rest = BandBuilder.not(fixed(taken), all[all.length - 1]);
    return BandBuilder.and(fixed(all), rest).row(0);
  }

  private static Band fixed(int[] bounds) {
    return new Band(0, 1, FixedRuns.edges(bounds));
  }

  /** Appends a 1 for each position of the set and a 0 for the others below a size. */
  public static void appendBits(StringBuilder text, int[] bounds, int size) {
    int at = 0;
    for (int b = 0; b < bounds.length; b += 2) {
      text.repeat('0', bounds[b] - at).repeat('1', bounds[b + 1] - bounds[b]);
      at = bounds[b + 1];
    }
    text.repeat('0', size - at);
  }

  /** Inclusive ranges, as people write them: {@code 0..3, 7}; {@code nothing} for the empty set. */
  public static String text(int[] bounds) {
    if (bounds.length == 0) {
      return "nothing";
    }
    StringBuilder text = new StringBuilder();
    for (int b = 0; b < bounds.length; b += 2) {
      text.append(b == 0 ? "" : ", ").append(bounds[b]);
      if (bounds[b + 1] - bounds[b] > 1) {
        text.append("..").append(bounds[b + 1] - 1);
      }
    }
    return text.toString();
  }
}
