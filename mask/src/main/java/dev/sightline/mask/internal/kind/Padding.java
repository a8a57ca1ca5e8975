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
 * The key, the query or both are real tokens.
 *
 * <pre>
 * padding(3)   11100      key-padding(3)   11100      padding(10111)   10111
 *              11100                       11100                       00000
 *              11100                       11100                       10111
 *              00000                       11100                       10111
 *              00000                       11100                       10111
 * </pre>
 *
 * @param scope which tokens of a pair must be real
 * @param tokens which tokens are real
 */
public record Padding(Scope scope, Tokens tokens) implements Kind {
  /** Which tokens of a pair must be real. */
  public enum Scope {
    BOTH("padding", OfSample.Fact.PADDING),
    KEYS("key-padding", OfSample.Fact.KEY_PADDING),
    QUERIES("query-padding", OfSample.Fact.QUERY_PADDING);

    private final String word;
    private final OfSample.Fact fact;

    Scope(String word, OfSample.Fact fact) {
      this.word = word;
      this.fact = fact;
    }
  }

  static final List<Word> WORDS = List.of(word(Scope.BOTH), word(Scope.KEYS), word(Scope.QUERIES));

  private static final Set<Trait> TRAITS = Set.of(Trait.PADDING);

  private static Word word(Scope scope) {
    return Word.of(
        scope.word,
        "lengths or bits, and side=left or side=right, as in padding(5,6; side=left)",
        a -> {
          if (scope == Scope.KEYS && a.takeFlag("by-length")) {
            return OfSample.of(OfSample.Fact.LENGTH);
          }
          return a.isEmpty()
              ? OfSample.of(scope.fact)
              : new Padding(scope, Tokens.read(a, scope.word));
        });
  }

  /**
   * The real tokens as numbers of tokens.
   *
   * @param atEnd whether the last tokens of a row are the real ones; otherwise the first are
   */
  public static Padding lengths(Scope scope, boolean atEnd, int... lengths) {
    return new Padding(scope, new Tokens.Lengths(Ints.of(lengths), atEnd));
  }

  /** The real tokens as rows of bits, 1 = real. */
  public static Padding bits(Scope scope, List<Bits> rows) {
    return new Padding(scope, Tokens.Flags.of(rows));
  }

  @Override
  public String text() {
    return scope.word + "(" + tokens.text() + ")";
  }

  @Override
  public int batchRows() {
    return tokens.rowCount();
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(tokens.length());
  }

  @Override
  public void check(Fit fit) {
    fit.batchRows(tokens.rowCount());
    int size = scope == Scope.QUERIES ? fit.sizes().queries() : fit.sizes().keys();
    if (scope == Scope.BOTH) {
      fit.oneSequence();
    }
    tokens.check(fit, size);
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    int[] realQueries =
        scope == Scope.KEYS ? RunBounds.all(sizes.queries()) : tokens.runs(batch, sizes.queries());
    FixedRuns realKeys =
        FixedRuns.of(
            scope == Scope.QUERIES
                ? RunBounds.all(sizes.keys())
                : tokens.runs(batch, sizes.keys()));
    return (row, view) -> {
      int next = RunBounds.firstAfter(realQueries, row);
      int until = next == realQueries.length ? sizes.queries() : realQueries[next];
      boolean real = (next & 1) == 1;
      return real ? realKeys.band(row, until, view) : Band.empty(row, until);
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    String query = "query " + pair.query();
    String key = "key " + pair.key();
    boolean paddedKey =
        scope != Scope.QUERIES
            && !RunBounds.contains(tokens.runs(pair.batch(), sizes.keys()), pair.key());
    boolean paddedQuery =
        scope != Scope.KEYS
            && !RunBounds.contains(tokens.runs(pair.batch(), sizes.queries()), pair.query());
    if (paddedKey && paddedQuery) {
      return query + " and " + key + " are padding";
    }
    if (paddedKey || paddedQuery) {
      return (paddedKey ? key : query) + " is padding";
    }
    return switch (scope) {
      case BOTH -> query + " and " + key + " are real tokens";
      case KEYS -> key + " is a real token";
      case QUERIES -> query + " is a real token";
    };
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
