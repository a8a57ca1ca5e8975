package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * {@code j < p or j <= i + offset}, p being the batch row's prefix length.
 *
 * <pre>
 * prefix(3)   11100
 *             11100
 *             11100
 *             11110
 *             11111
 * </pre>
 *
 * @param lengths prefix lengths, one for all batch rows or one for each
 */
public record Prefix(Ints lengths, Diagonal diagonal) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "prefix",
              "a length per batch row and an alignment, as in prefix(4; bottom-right)",
              a -> {
                Optional<int[]> type = a.namedNumbers("token-types");
                if (type.isPresent()) {
                  return OfSample.of(OfSample.Fact.PREFIX_BY_TYPE, type.get()[0]);
                }
                Diagonal diagonal = Diagonal.read(a);
                return new Prefix(Ints.of(a.numbers("a length, as in prefix(4)")), diagonal);
              }));

  private static final Set<Trait> TRAITS = Set.of(Trait.HIDES_LATER, Trait.SHOWS_LATER);

  public Prefix {
    Checks.notNegative("prefix length", lengths);
  }

  @Override
  public String text() {
    return "prefix(" + lengths + diagonal.textAfter() + ")";
  }

  @Override
  public int batchRows() {
    return Math.max(lengths.size(), diagonal.batchRows());
  }

  @Override
  public int largest() {
    return Math.max(lengths.max(), diagonal.largest());
  }

  @Override
  public void check(Fit fit) {
    diagonal.check(fit);
    fit.batchRows(lengths.size());
    fit.atMost("prefix length", lengths.max(), fit.sizes().keys(), "keys");
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int offset = diagonal.offset(sizes, batch);
    int length = lengths.ofRow(batch);
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, sizes.queries(), 2);
      long end = out.max(Band.edge(length, 0), Band.edge(row + 1L + offset, 1));
      out.add(Band.edge(0, 0), out.min(end, Band.edge(sizes.keys(), 0)));
      return out.build();
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    int length = lengths.ofRow(pair.batch());
    int at = pair.query() + diagonal.offset(sizes, pair.batch());
    if (pair.key() < length) {
      return "key " + pair.key() + " is in the prefix of " + length;
    }
    return "key "
        + pair.key()
        + " is not in the prefix of "
        + length
        + (allowed ? ", but not after " : ", and comes after ")
        + Diagonal.query(pair.query(), at);
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
