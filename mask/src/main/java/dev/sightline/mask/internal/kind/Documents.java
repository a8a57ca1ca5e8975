package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.text.Arguments;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Same document, documents one after the other; a token after the last document is in none.
 *
 * <pre>
 * documents(2,3)   11000      documents(1,2; keys=2,3)   11000
 *                  11000                                 00111
 *                  00111                                 00111
 *                  00111
 *                  00111
 * </pre>
 *
 * @param queries the number of queries of each document
 * @param keys the number of keys of each document
 */
public record Documents(Ints queries, Ints keys) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of("documents", "lengths, or lengths and keys=..., or ids=...", Documents::read));

  private static final Set<Trait> TRAITS = Set.of(Trait.DOCUMENTS);

  public Documents {
    Checks.notNegative("document length", queries);
    Checks.notNegative("document length", keys);
    if (queries.size() != keys.size()) {
      throw new IllegalArgumentException(
          "queries and keys must have the same number of documents, but have "
              + queries.size()
              + " and "
              + keys.size());
    }
  }

  private static Kind read(Arguments a) {
    if (a.takeFlag("token-types")) {
      return OfSample.of(OfSample.Fact.DOCUMENTS_BY_TYPE);
    }
    if (a.takeFlag("positions")) {
      return OfSample.of(OfSample.Fact.DOCUMENTS_BY_POSITION);
    }
    String lengths = "the length of each document, as in documents(4,3,3)";
    if (!a.hasList()) {
      return new DocumentIds(Ints.of(a.namedNumbers("ids").orElseGet(() -> a.numbers(lengths))));
    }
    Ints queries = Ints.of(a.numbers(lengths));
    return new Documents(queries, a.namedNumbers("keys").map(Ints::of).orElse(queries));
  }

  @Override
  public String text() {
    return "documents(" + queries + (keys.equals(queries) ? "" : "; keys=" + keys) + ")";
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(Checks.length(keys.sum()));
  }

  @Override
  public void check(Fit fit) {
    fit.atMost("sum of lengths", queries.sum(), fit.sizes().queries(), "queries");
    fit.atMost("sum of lengths", keys.sum(), fit.sizes().keys(), "keys");
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    Segments byQuery = Segments.of(0, queries);
    Segments byKey = Segments.of(0, keys);
    return (row, view) -> {
      int document = byQuery.of(row);
      return document == byQuery.count()
          ? Band.empty(row, sizes.queries())
          : Band.constant(row, byQuery.end(document), byKey.start(document), byKey.end(document));
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "query "
        + pair.query()
        + " is in "
        + Segments.of(0, queries).name("document", pair.query())
        + ", key "
        + pair.key()
        + " in "
        + Segments.of(0, keys).name("document", pair.key());
  }

  @Override
  public Set<Trait> traits() {
    return TRAITS;
  }
}
