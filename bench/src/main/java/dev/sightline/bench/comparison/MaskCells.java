package dev.sightline.bench.comparison;

import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;

/** A workload's mask as peers take it: a boolean for each cell, true where the query may look. */
final class MaskCells {
  private MaskCells() {}

  /** {@code [B, Lq, Lk]} where rows have lengths of their own, else {@code [Lq, Lk]}. */
  static boolean[] of(Workload workload) {
    if (workload.lengths().isEmpty()) {
      return BooleanMask.of(workload.bound(), Polarity.TRUE_ATTENDS);
    }
    int queries = workload.queries();
    int keys = workload.keys();
    boolean[] cells = new boolean[workload.batch() * queries * keys];
    for (int row = 0; row < workload.batch() * queries; row++) {
      for (int key = 0; key < workload.keysOf(row / queries); key++) {
        cells[row * keys + key] = true;
      }
    }
    return cells;
  }
}
