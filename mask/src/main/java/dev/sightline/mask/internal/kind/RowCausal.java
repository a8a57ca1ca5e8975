package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Where the query's bit is 0 every key, else {@code j <= i}.
 *
 * <pre>
 * row-causal(00110)   11111
 *                     11111
 *                     11100
 *                     11110
 *                     11111
 * </pre>
 *
 * @param causal a bit for each token
 */
public record RowCausal(BitRows causal) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "row-causal",
              "a bit for each token",
              a -> of(a.bits(a.list("a bit for each token, as in row-causal(000111)")))));

  private static final Set<Trait> TRAITS = Set.of(Trait.HIDES_LATER, Trait.SHOWS_LATER);

  /** From rows of bits, one for each batch row or one for all. */
  public static RowCausal of(List<Bits> rows) {
    return new RowCausal(BitRows.of("row-causal", rows));
  }

  @Override
  public String text() {
    return "row-causal(" + causal + ")";
  }

  @Override
  public int batchRows() {
    return causal.count();
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(causal.size());
  }

  @Override
  public void check(Fit fit) {
    causal.check(fit);
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    Bits bits = causal.ofRow(batch);
    return (row, view) ->
        bits.get(row)
            ? Band.upToRow(row, bits.nextClear(row))
            : Band.constant(row, bits.nextSet(row), 0, bits.size());
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    String query = "query " + pair.query();
    return causal.ofRow(pair.batch()).get(pair.query())
        ? query
            + " is a causal row, and key "
            + pair.key()
            + (allowed ? " is not after it" : " comes after it")
        : query + " is a bidirectional row, which sees every key";
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
