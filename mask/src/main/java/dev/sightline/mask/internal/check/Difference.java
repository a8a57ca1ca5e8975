package dev.sightline.mask.internal.check;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.expression.Bound;
import java.util.Optional;

/** Walks two masks of the same sizes side by side, band by band. */
public final class Difference {
  /** Combines the bands of two masks, which begin at the same row. */
  @FunctionalInterface
  private interface Combination {
    Band of(Band a, Band b);
  }

  private Difference() {}

  /** The first pair that one mask allows and the other does not; empty where there is none. */
  public static Optional<Pair> first(Bound a, Bound b) {
    int keys = a.sizes().keys();
    return first(a, b, (x, y) -> BandBuilder.or(minus(x, y, keys), minus(y, x, keys)));
  }

  /** The first pair that {@code a} allows and {@code b} does not; empty where there is none. */
  public static Optional<Pair> excess(Bound a, Bound b) {
    return first(a, b, (x, y) -> minus(x, y, a.sizes().keys()));
  }

  private static Band minus(Band a, Band b, int keys) {
    return BandBuilder.and(a, BandBuilder.not(b, keys));
  }

  /** A band that is not empty allows a pair of its first row. */
  private static Optional<Pair> first(Bound a, Bound b, Combination combination) {
    requireSameSizes(a, b);
    int batch = Math.max(a.batchRows(), b.batchRows());
    int heads = Math.max(a.heads(), b.heads());
    for (int row = 0; row < batch; row++) {
      for (int head = 0; head < heads; head++) {
        Rule left = a.rule(row, head);
        Rule right = b.rule(row, head);
        Sweep sweep =
            new Sweep(
                (query, view) -> combination.of(left.band(query, view), right.band(query, view)),
                a.sizes().queries(),
                a.sizes().keys());
        while (sweep.hasNext()) {
          Band band = sweep.next();
          if (!band.isEmpty()) {
            return Optional.of(new Pair(row, head, band.from(), band.start(0, band.from())));
          }
        }
      }
    }
    return Optional.empty();
  }

  /**
   * Checks that two masks have the same sizes.
   *
   * @throws IllegalArgumentException if they do not
   */
  public static void requireSameSizes(Bound a, Bound b) {
    if (!a.sizes().equals(b.sizes())) {
      throw new IllegalArgumentException(
          "two masks of the same sizes are needed, but they are "
              + a.sizes()
              + " and "
              + b.sizes());
    }
  }
}
