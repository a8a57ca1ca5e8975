package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.Set;

/**
 * {@code j <= i + offset}.
 *
 * <pre>
 * causal   1000      causal(bottom-right)   1110
 *          1100                             1111
 *          1110
 *          1111
 * </pre>
 */
public record Causal(Diagonal diagonal) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "causal",
              "an alignment (top-left, bottom-right or offset=n)",
              a -> new Causal(Diagonal.read(a))));

  private static final Set<Trait> TRAITS = Set.of(Trait.CAUSAL, Trait.HIDES_LATER);

  @Override
  public String text() {
    String alignment = diagonal.text();
    return alignment.isEmpty() ? "causal" : "causal(" + alignment + ")";
  }

  @Override
  public int batchRows() {
    return diagonal.batchRows();
  }

  @Override
  public int largest() {
    return diagonal.largest();
  }

  @Override
  public void check(Fit fit) {
    diagonal.check(fit);
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int offset = diagonal.offset(sizes, batch);
    return (row, view) -> {
      BandBuilder out = new BandBuilder(row, sizes.queries(), 2);
      out.add(
          Band.edge(0, 0), out.min(Band.edge(row + 1L + offset, 1), Band.edge(sizes.keys(), 0)));
      return out.build();
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    int at = pair.query() + diagonal.offset(sizes, pair.batch());
    return Diagonal.query(pair.query(), at)
        + " sees keys up to "
        + at
        + ", and key "
        + pair.key()
        + (allowed ? " is one" : " comes after");
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
