package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Same document, by the id of every token; documents may be in pieces. Read by the word {@code
 * documents}, see {@link Documents}.
 *
 * <pre>
 * documents(ids=7,7,1,7)   1101
 *                          1101
 *                          0010
 *                          1101
 * </pre>
 *
 * @param ids any number for each token
 */
public record DocumentIds(Ints ids) implements Kind {
  private static final Set<Trait> TRAITS =
      Set.of(Trait.DOCUMENTS, Trait.SHOWS_LATER, Trait.MANY_RUNS);

  @Override
  public String text() {
    return "documents(ids=" + ids + ")";
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
    return SameId.rule(ids, false);
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return SameId.explain(ids, pair);
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
