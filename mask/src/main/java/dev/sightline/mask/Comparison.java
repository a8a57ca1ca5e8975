package dev.sightline.mask;

import java.util.Optional;

/** Walks two masks side by side, band by band, and combines what they allow. */
final class Comparison {
  /** Combines the bands of two masks, which begin at the same row. */
  @FunctionalInterface
  interface Combination {
    Band of(Band a, Band b);
  }

  private Comparison() {}

  /**
   * The first cell that the combination allows: a band that is not empty is so from its first row.
   */
  static Optional<Cell> first(BoundMask a, BoundMask b, Combination combination) {
    requireSameShape(a, b);
    int batch = Math.max(a.mask().batchRows(), b.mask().batchRows());
    int heads = Math.max(a.mask().heads(), b.mask().heads());
    for (int row = 0; row < batch; row++) {
      for (int head = 0; head < heads; head++) {
        Sweep sweep = sweep(a, b, row, head, combination);
        while (sweep.hasNext()) {
          Band band = sweep.next();
          if (!band.isEmpty()) {
            return Optional.of(new Cell(row, head, band.from(), band.start(0, band.from())));
          }
        }
      }
    }
    return Optional.empty();
  }

  static Sweep sweep(BoundMask a, BoundMask b, int batch, int head, Combination combination) {
    Rule left = a.rule(batch, head);
    Rule right = b.rule(batch, head);
    return new Sweep(
        (row, view) -> combination.of(left.band(row, view), right.band(row, view)),
        a.shape().queries(),
        a.shape().keys());
  }

  static void requireSameShape(BoundMask a, BoundMask b) {
    if (!a.shape().equals(b.shape())) {
      throw new IllegalArgumentException(
          "two masks of the same sizes are needed, but they are "
              + a.shape()
              + " and "
              + b.shape());
    }
  }
}
