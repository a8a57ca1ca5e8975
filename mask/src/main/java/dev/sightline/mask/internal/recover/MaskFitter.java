package dev.sightline.mask.internal.recover;

import static dev.sightline.mask.internal.recover.CellSets.and;
import static dev.sightline.mask.internal.recover.CellSets.isEmpty;
import static dev.sightline.mask.internal.recover.CellSets.meets;
import static dev.sightline.mask.internal.recover.CellSets.minus;
import static dev.sightline.mask.internal.recover.CellSets.or;
import static dev.sightline.mask.internal.recover.CellSets.within;

import dev.sightline.mask.internal.band.RowRuns;
import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.SampleFacts;
import dev.sightline.mask.internal.kind.Dense;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.mask.internal.kind.OfSample.Fact;
import dev.sightline.mask.internal.recover.Candidates.Candidate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the simplest expression that allows exactly the observed cells.
 *
 * <p>Padding comes first: if no real query sees a padded key, padding is left out of what follows
 * and {@code & padding} added in the end, unless the rest hides it already. Then masks in which
 * only the distance counts are tried, and then the {@link Candidates}: alone, in pairs and in
 * threes, joined by and, or, minus. What remains is listed cell by cell if all samples have one
 * size. Rows of padded queries decide nothing, except that {@code query-padding} is said where they
 * are empty and no other part makes them so.
 */
public final class MaskFitter {
  private final CellSets cells;
  private final long[] allowed;
  private final long[] real;
  private final long[] paddedKeys;
  private final long[] paddedQueries;
  private final boolean square;
  private final boolean sameTokens;

  private MaskFitter(List<Observation> observations) {
    cells = new CellSets(observations);
    allowed = cells.where((o, q, k) -> o.isKnown(q, k) && o.isAllowed(q, k));
    real = cells.where((o, q, k) -> o.isKnown(q, k) && o.isReal(q, k));
    paddedKeys =
        cells.where((o, q, k) ->
            o.isKnown(q, k) && o.facts().realQueries().get(q) && !o.facts().realKeys().get(k));
    paddedQueries = cells.where((o, q, k) -> o.isKnown(q, k) && !o.facts().realQueries().get(q));
    square = observations.stream().allMatch(o -> o.facts().queries() == o.facts().keys());
    sameTokens = observations.stream().allMatch(o -> o.facts().sameTokens());
  }

  /**
   * A fit.
   *
   * @param node null if no expression gives the cells
   * @param byCells whether the cells are listed one by one in it
   * @param others expressions of the same cost that give the same cells
   */
  public record Fit(@Nullable Node node, boolean byCells, List<Node> others) {
    public Fit {
      others = List.copyOf(others);
    }
  }

  /**
   * The simplest expression.
   *
   * @param observations at least one
   */
  public static Fit fit(List<Observation> observations) {
    return new MaskFitter(observations).fit();
  }

  private Fit fit() {
    boolean hidesPadding = !isEmpty(paddedKeys) && !meets(paddedKeys, allowed);
    long[] target = hidesPadding ? real : or(real, paddedKeys);
    List<Node> fits = simplest(target, hidesPadding);
    boolean byCells = false;
    if (fits.isEmpty()) {
      Node dense = dense(target, hidesPadding);
      if (dense == null) {
        return new Fit(null, false, List.of());
      }
      fits = List.of(dense);
      byCells = true;
    }
    List<Node> whole = new ArrayList<>();
    for (Node fit : fits) {
      Node complete = withQueryPadding(hidesPadding ? withPadding(fit) : fit, hidesPadding);
      if (fitsAll(complete)) {
        whole.add(complete);
      }
    }
    return whole.isEmpty()
        ? new Fit(null, false, List.of())
        : new Fit(whole.getFirst(), byCells, whole.subList(1, whole.size()));
  }

  /** The proof: every known cell of a real query, by the mask's own rule. */
  private boolean fitsAll(Node node) {
    long[] set = cells.of(node);
    long[] counted = or(real, paddedKeys);
    return set != null && within(and(set, counted), allowed) && within(and(allowed, counted), set);
  }

  private Node withPadding(Node base) {
    long[] set = cells.of(base);
    if (set != null && !meets(set, paddedKeys)) {
      return base;
    }
    return conjunction(base, new OfSample(sameTokens ? Fact.PADDING : Fact.KEY_PADDING, 0, ""));
  }

  private Node withQueryPadding(Node node, boolean hidesPadding) {
    long[] set = cells.of(node);
    boolean empty = !isEmpty(paddedQueries) && !meets(paddedQueries, allowed);
    return sameTokens && empty && set != null && meets(set, paddedQueries)
        ? conjunction(node, new OfSample(hidesPadding ? Fact.PADDING : Fact.QUERY_PADDING, 0, ""))
        : node;
  }

  private static Node conjunction(Node base, OfSample padding) {
    Node leaf = new Node.Leaf(padding);
    return base.equals(new Node.Leaf(new Full())) ? leaf : Algebra.and(List.of(base, leaf));
  }

  private List<Node> simplest(long[] target, boolean realOnly) {
    CellSets.Choice counts = choice(realOnly);
    for (Diagonal diagonal :
        square ? List.of(Diagonal.UNSTATED) : List.of(Diagonal.BOTTOM_RIGHT, Diagonal.TOP_LEFT)) {
      Node fit = new DiagonalFit(cells, diagonal, counts).fit();
      if (fit != null) {
        return List.of(fit);
      }
    }
    List<Candidate> candidates = new Candidates(cells, counts, square).all();
    return new ExpressionSearch(candidates, target, and(allowed, target)).simplest();
  }

  private static CellSets.Choice choice(boolean realOnly) {
    return realOnly
        ? (o, q, k) -> o.isKnown(q, k) && o.isReal(q, k)
        : (o, q, k) -> o.isKnown(q, k) && o.facts().realQueries().get(q);
  }

  /** The cells one by one, if all samples have one size and agree. */
  private @Nullable Node dense(long[] target, boolean realOnly) {
    SampleFacts facts = cells.observations().getFirst().facts();
    boolean oneSize =
        cells.observations().stream()
            .allMatch(
                o -> o.facts().queries() == facts.queries() && o.facts().keys() == facts.keys());
    if (!oneSize || cells.observations().size() < 2 || facts.queries() == 0 || facts.keys() == 0) {
      return null;
    }
    CellSets.Choice counts = choice(realOnly);
    boolean[][] pattern = new boolean[facts.queries()][facts.keys()];
    for (Observation observation : cells.observations()) {
      for (int q = 0; q < facts.queries(); q++) {
        for (int k = 0; k < facts.keys(); k++) {
          pattern[q][k] |= counts.contains(observation, q, k) && observation.isAllowed(q, k);
        }
      }
    }
    Node dense = new Node.Leaf(new Dense(RowRuns.of(pattern)));
    long[] set = cells.of(dense);
    return set != null && isEmpty(minus(and(set, target), allowed)) ? dense : null;
  }
}
