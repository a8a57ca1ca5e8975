package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.FixedRuns;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.RunBounds;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * i or j is one of the positions.
 *
 * <pre>
 * global(0,3)   11111
 *               10010
 *               10010
 *               11111
 *               10010
 * </pre>
 *
 * @param positions the global tokens
 */
public record Global(Ints positions) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "global",
              "the positions",
              a -> new Global(Ints.of(a.numbers("the positions, as in global(0,7)")))));

  private static final Set<Trait> TRAITS = Set.of(Trait.MANY_RUNS);

  public Global {
    Checks.notNegative("global token", positions);
  }

  @Override
  public String text() {
    return "global(" + positions + ")";
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(Checks.length(positions.max() + 1L));
  }

  @Override
  public void check(Fit fit) {
    int tokens = Math.max(fit.sizes().queries(), fit.sizes().keys());
    fit.atMost("last global position plus one", positions.max() + 1L, tokens, "tokens");
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int queries = sizes.queries();
    boolean[] set = new boolean[Math.max(queries, sizes.keys())];
    for (int p = 0; p < positions.size(); p++) {
      set[positions.get(p)] = true;
    }
    Bits global = Bits.of(set);
    FixedRuns columns = FixedRuns.of(RunBounds.below(global.runs(), sizes.keys()));
    return (row, view) ->
        global.get(row)
            ? Band.constant(row, Math.min(queries, global.nextClear(row)), 0, sizes.keys())
            : columns.band(row, Math.min(queries, global.nextSet(row)), view);
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    if (!allowed) {
      return "neither " + pair.query() + " nor " + pair.key() + " is a global token";
    }
    return (positions.contains(pair.query()) ? "query " + pair.query() : "key " + pair.key())
        + " is a global token";
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
