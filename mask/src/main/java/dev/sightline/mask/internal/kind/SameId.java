package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.FixedRuns;
import dev.sightline.mask.internal.band.IntBuffer;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** Query and key have the same id: what {@link DocumentIds} and {@link Islands} share. */
final class SameId {
  private SameId() {}

  /**
   * The rule of some ids.
   *
   * @param zeroIsNone whether a query of id 0 sees nothing
   */
  static Rule rule(Ints ids, boolean zeroIsNone) {
    Map<Integer, IntBuffer> bounds = new HashMap<>();
    int[] end = new int[ids.size()];
    for (int i = 0; i < ids.size(); ) {
      int next = i + 1;
      while (next < ids.size() && ids.get(next) == ids.get(i)) {
        next++;
      }
      IntBuffer own = bounds.computeIfAbsent(ids.get(i), id -> new IntBuffer());
      own.add(i);
      own.add(next);
      Arrays.fill(end, i, next, next);
      i = next;
    }
    Map<Integer, FixedRuns> runs = new HashMap<>();
    bounds.forEach((id, own) -> runs.put(id, FixedRuns.of(own.toArray())));
    if (zeroIsNone) {
      runs.remove(0);
    }
    FixedRuns none = FixedRuns.of(new int[0]);
    return (row, view) -> runs.getOrDefault(ids.get(row), none).band(row, end[row], view);
  }

  static String explain(Ints ids, Pair pair) {
    return "query "
        + pair.query()
        + " has id "
        + ids.get(pair.query())
        + ", key "
        + pair.key()
        + " has id "
        + ids.get(pair.key());
  }
}
