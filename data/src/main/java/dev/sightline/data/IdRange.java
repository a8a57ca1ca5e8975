package dev.sightline.data;

import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Token ids that may be drawn.
 *
 * @param low the lowest id
 * @param high one past the highest
 * @param special ids between them that are not drawn, apart from that of padding
 * @param padId the id of padding, which is not drawn either
 */
record IdRange(long low, long high, Set<Long> special, long padId) {
  /** Makes a range without special ids, unless too few others would be left. */
  static IdRange of(long low, long high, Set<Long> special, long padId) {
    Set<Long> inside =
        special.stream()
            .filter(id -> low <= id && id < high && id != padId)
            .collect(Collectors.toSet());
    boolean enough = high - low - inside.size() > 3;
    return new IdRange(low, high, enough ? inside : Set.of(), padId);
  }

  /** Returns the range, made longer if it has fewer than two ids. */
  IdRange withTwo() {
    return new IdRange(low, Math.max(low + 2, high), special, padId);
  }

  /** Returns whether there are at least {@code least} ids to draw, and two with that of padding. */
  boolean has(int least) {
    return size() - (contains(padId) ? 1 : 0) >= least && size() >= 2;
  }

  private long size() {
    return high - low - special.size();
  }

  private boolean contains(long id) {
    return low <= id && id < high;
  }

  /** Draws an id other than a given one; the same one only if the range has no others. */
  long drawOther(long other, Random random) {
    long excluded = contains(padId) ? 1 : 0;
    if (size() <= excluded) {
      return low; // the id of padding is the only one
    }
    boolean avoid = contains(other) && other != padId && size() > excluded + 1;
    long id;
    do {
      id = low + random.nextLong(high - low);
    } while (id == padId || special.contains(id) || (avoid && id == other));
    return id;
  }

  /** Returns the ends, such as {@code from 5 to before 30000}. */
  @Override
  public String toString() {
    return "from " + low + " to before " + high;
  }
}
