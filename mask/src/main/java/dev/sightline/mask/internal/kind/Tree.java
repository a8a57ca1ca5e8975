package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sizes;
import java.util.List;
import java.util.OptionalInt;

/**
 * j is i or an ancestor of i: the tokens of a speculative tree.
 *
 * <pre>
 * tree(-1,0,1,0)   1000
 *                  1100
 *                  1110
 *                  1001
 * </pre>
 *
 * @param parents the parent of each token, -1 for a root; every other parent comes before its child
 */
public record Tree(Ints parents) implements Kind {
  static final List<Word> WORDS =
      List.of(
          Word.of(
              "tree",
              "the parent of each token",
              a -> new Tree(Ints.of(a.numbers("the parent of each token, as in tree(-1,0,1,0)")))));

  public Tree {
    for (int i = 0; i < parents.size(); i++) {
      if (parents.get(i) < -1 || parents.get(i) >= i) {
        throw new IllegalArgumentException(
            "a parent comes before its child, -1 for a root, but the parent of token "
                + i
                + " is "
                + parents.get(i));
      }
    }
  }

  @Override
  public String text() {
    return "tree(" + parents + ")";
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(parents.size());
  }

  @Override
  public void check(Fit fit) {
    fit.tokens(parents.size());
  }

  /**
   * A chain of tokens, each the child of the one before, is one run whose end moves with the row; a
   * row has one run for each chain on the way up.
   */
  @Override
  public Rule rule(Sizes sizes, int batch) {
    int size = parents.size();
    int[] chainStart = new int[size];
    int[] chainEnd = new int[size];
    for (int i = 0; i < size; i++) {
      chainStart[i] = i > 0 && parents.get(i) == i - 1 ? chainStart[i - 1] : i;
    }
    for (int i = size - 1; i >= 0; i--) {
      chainEnd[i] = i + 1 < size && parents.get(i + 1) == i ? chainEnd[i + 1] : i + 1;
    }
    return (row, view) -> {
      int runs = 0;
      for (int t = row; t >= 0; t = parents.get(chainStart[t])) {
        runs++;
      }
      long[] edges = new long[2 * runs];
      int slope = 1;
      for (int t = row, at = edges.length; t >= 0; t = parents.get(chainStart[t])) {
        edges[--at] = Band.edge(t + 1L, slope);
        edges[--at] = Band.edge(chainStart[t], 0);
        slope = 0;
      }
      return new Band(row, chainEnd[row], edges);
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "key "
        + pair.key()
        + " is "
        + (pair.query() == pair.key()
            ? "the query itself"
            : (allowed ? "an" : "no") + " ancestor of query " + pair.query());
  }
}
