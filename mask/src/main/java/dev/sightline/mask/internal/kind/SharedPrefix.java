package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.BandBuilder;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.OptionalInt;

/**
 * {@code j < prefix}, or both tokens are in the same branch after the prefix; a query of the prefix
 * sees the prefix.
 *
 * <pre>
 * shared-prefix(2; 1,2)   11000
 *                         11000
 *                         11100
 *                         11011
 *                         11011
 * </pre>
 *
 * @param prefix tokens of the prefix
 * @param branches tokens of each branch
 */
public record SharedPrefix(int prefix, Ints branches) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "shared-prefix",
              "a length and the lengths of the branches",
              a ->
                  new SharedPrefix(
                      a.one("a length, then the branches, as in shared-prefix(4; 3,3)"),
                      Ints.of(
                          a.numbers("branches after a semicolon, as in shared-prefix(4; 3,3)")))));

  public SharedPrefix {
    if (prefix < 0) {
      throw new IllegalArgumentException("a prefix must not be negative, but is " + prefix);
    }
    Checks.notNegative("branch length", branches);
  }

  @Override
  public String text() {
    return "shared-prefix(" + prefix + "; " + branches + ")";
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(Checks.length(prefix + branches.sum()));
  }

  @Override
  public void check(Fit fit) {
    fit.oneSequence();
    fit.atMost("sum of lengths", prefix + branches.sum(), fit.sizes().keys(), "tokens");
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    Segments segments = Segments.of(prefix, branches);
    return (row, view) -> {
      if (row < prefix) {
        return Band.constant(row, prefix, 0, prefix);
      }
      int branch = segments.of(row);
      if (branch == segments.count()) {
        return Band.empty(row, sizes.queries());
      }
      BandBuilder out = new BandBuilder(row, segments.end(branch), 4);
      out.join(Band.edge(0, 0), Band.edge(prefix, 0));
      out.join(Band.edge(segments.start(branch), 0), Band.edge(segments.end(branch), 0));
      return out.build();
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "query "
        + pair.query()
        + " is in "
        + place(pair.query())
        + ", key "
        + pair.key()
        + " in "
        + place(pair.key());
  }

  private String place(int token) {
    return token < prefix ? "the prefix" : Segments.of(prefix, branches).name("branch", token);
  }
}
