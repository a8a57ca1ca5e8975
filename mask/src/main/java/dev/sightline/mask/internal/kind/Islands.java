package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Same id, and not 0: bidirectional spans inside of a causal text, {@code causal | islands}.
 *
 * <pre>
 * islands(0,1,1,0)   0000      causal | islands(0,1,1,0)   1000
 *                    0110                                  1110
 *                    0110                                  1110
 *                    0000                                  1111
 * </pre>
 *
 * @param ids an island for each token, counted from 1; 0 for a token on none
 */
public record Islands(Ints ids) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "islands",
              "an id for each token",
              a ->
                  a.takeFlag("token-types")
                      ? OfSample.of(
                          a.takeFlag("spans")
                              ? OfSample.Fact.ISLANDS_BY_SPAN
                              : OfSample.Fact.ISLANDS_BY_TYPE)
                      : new Islands(
                          Ints.of(a.numbers("an id for each token, as in islands(0,1,1,0)")))));

  private static final Set<Trait> TRAITS = Set.of(Trait.SHOWS_LATER, Trait.MANY_RUNS);

  public Islands {
    Checks.notNegative("island id", ids);
  }

  @Override
  public String text() {
    return "islands(" + ids + ")";
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(ids.size());
  }

  @Override
  public void check(Fit fit) {
    fit.tokens(ids.size());
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    return SameId.rule(ids, true);
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return SameId.explain(ids, pair)
        + (ids.get(pair.query()) == 0 ? ", and id 0 is no island" : "");
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
