package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.Set;

/**
 * {@code (i - j) mod step = 0}.
 *
 * <pre>
 * dilated(2)   10101
 *              01010
 *              10101
 *              01010
 *              10101
 * </pre>
 *
 * @param step at least 1
 */
public record Dilated(int step) implements Kind {
  static final List<Word> WORDS =
      List.of(Word.of("dilated", "a step", a -> new Dilated(a.one("a step, as in dilated(2)"))));

  private static final Set<Trait> TRAITS = Set.of(Trait.MANY_RUNS);

  public Dilated {
    if (step < 1) {
      throw new IllegalArgumentException("a dilation must be at least 1, but is " + step);
    }
  }

  @Override
  public String text() {
    return "dilated(" + step + ")";
  }

  @Override
  public int largest() {
    return step;
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int queries = sizes.queries();
    int keys = sizes.keys();
    if (step == 1) {
      return (row, view) -> Band.constant(row, queries, 0, keys);
    }
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, Math.min(queries, view.until()), 16);
      long start = out.max(Band.edge(0, 0), view.start());
      long end = out.min(Band.edge(keys, 0), view.end());
      long first = start >> 1;
      long key = first + Math.floorMod(row - first, (long) step);
      if ((start & 1) == 0) {
        // With every row all keys move on by one, until there is room for another in front.
        out.limit(row + first + step - key);
      }
      for (; key < end >> 1; key += step) {
        out.add(Band.edge(key, 1), out.min(Band.edge(key + 1, 1), end));
      }
      return out.build();
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "key "
        + pair.key()
        + " is "
        + Math.abs(pair.query() - pair.key())
        + " away from query "
        + pair.query()
        + ", which is "
        + (allowed ? "a" : "no")
        + " multiple of "
        + step;
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
