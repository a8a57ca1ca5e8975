package dev.sightline.mask;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Densities;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.band.TileBuilder;
import dev.sightline.mask.internal.check.Difference;
import dev.sightline.mask.internal.check.Fingerprint;
import dev.sightline.mask.internal.check.Lint;
import dev.sightline.mask.internal.check.Reach;
import dev.sightline.mask.internal.expression.Bound;
import dev.sightline.mask.internal.expression.Explainer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A mask over sizes, {@code [B, H, Lq, Lk]}: what can be asked. No answer builds an Lq x Lk array;
 * most take time in the number of changes from row to row, not in the number of cells. Immutable
 * and safe to share between threads.
 *
 * <p>Indices out of range are answered with an {@link IllegalArgumentException}.
 */
public final class BoundMask {
  private final Mask mask;
  private final MaskShape shape;
  private final Bound bound;

  BoundMask(Mask mask, MaskShape shape) {
    this.mask = mask;
    this.shape = shape;
    this.bound = new Bound(mask.node(), shape.sizes());
  }

  /** {@return the rule, without sizes} */
  public Mask mask() {
    return mask;
  }

  /** {@return the sizes} */
  public MaskShape shape() {
    return shape;
  }

  Bound bound() {
    return bound;
  }

  /**
   * {@return whether a query may attend to a key}
   *
   * @param batch batch row
   * @param head query head
   * @param query query, from 0
   * @param key key, from 0
   */
  public boolean allowed(int batch, int head, int query, int key) {
    return bound.allowed(new Pair(batch, head, query, key));
  }

  /**
   * {@return whether a query may attend to a key}
   *
   * @param cell batch row, query head, query and key
   */
  public boolean allowed(Cell cell) {
    return allowed(cell.batch(), cell.head(), cell.query(), cell.key());
  }

  /**
   * {@return the keys a query may attend to}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param query query, from 0
   */
  public Runs row(int batch, int head, int query) {
    Rule rule = bound.rule(batch, head);
    Bound.checkIndex("query", query, shape.queries());
    return Runs.wrap(rule.band(query, Rule.View.of(0, shape.keys())).row(query));
  }

  /**
   * The keys of queries [first, last), one after the other, for a caller that reads many rows, such
   * as a kernel. Unlike {@link #row} it works out the form of a mask once for all rows that share
   * it and makes no object for a row.
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param first the first query, from 0
   * @param last one past the last query
   * @param visitor gets the runs of each row in turn
   */
  public void rows(int batch, int head, int first, int last, RowVisitor visitor) {
    Rule rule = bound.rule(batch, head);
    if (first < 0 || first > last || last > shape.queries()) {
      throw new IllegalArgumentException(
          "queries [" + first + ", " + last + ") are out of range: there are " + shape.queries());
    }
    int[] bounds = new int[8];
    for (int row = first; row < last; ) {
      Band band = rule.band(row, Rule.View.of(0, shape.keys()));
      if (bounds.length < 2 * band.runs()) {
        bounds = new int[4 * band.runs()];
      }
      int end = Math.min(last, band.until());
      for (; row < end; row++) {
        for (int run = 0; run < band.runs(); run++) {
          bounds[2 * run] = band.start(run, row);
          bounds[2 * run + 1] = band.end(run, row);
        }
        visitor.row(row, bounds, band.runs());
      }
    }
  }

  /**
   * {@return what the rectangle of queries [firstQuery, lastQuery) and keys [firstKey, lastKey)
   * holds}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param firstQuery the first query, from 0
   * @param lastQuery one past the last query
   * @param firstKey the first key, from 0
   * @param lastKey one past the last key
   */
  public TileClass classify(
      int batch, int head, int firstQuery, int lastQuery, int firstKey, int lastKey) {
    Rule rule = bound.rule(batch, head);
    if (firstQuery < 0
        || firstQuery >= lastQuery
        || lastQuery > shape.queries()
        || firstKey < 0
        || firstKey >= lastKey
        || lastKey > shape.keys()) {
      throw new IllegalArgumentException(
          "a rectangle must be within the mask and have a cell, but queries ["
              + firstQuery
              + ", "
              + lastQuery
              + ") and keys ["
              + firstKey
              + ", "
              + lastKey
              + ") were asked of "
              + shape);
    }
    Sweep sweep = new Sweep(rule, firstQuery, lastQuery, Rule.View.of(firstKey, lastKey));
    boolean some = false;
    boolean all = true;
    while (sweep.hasNext() && (all || !some)) {
      Band band = sweep.next();
      int last = sweep.end(band) - 1;
      boolean covered = false;
      for (int run = 0; run < band.runs(); run++) {
        some |= band.start(run, band.from()) < lastKey && band.end(run, last) > firstKey;
        covered |= band.start(run, last) <= firstKey && band.end(run, band.from()) >= lastKey;
      }
      all &= covered;
    }
    return all ? TileClass.FULL : some ? TileClass.PARTIAL : TileClass.EMPTY;
  }

  /**
   * {@return the tiles that a kernel must visit}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param tileQueries queries in a tile, at least 1
   * @param tileKeys keys in a tile, at least 1
   */
  public Tiles tiles(int batch, int head, int tileQueries, int tileKeys) {
    return new Tiles(
        TileBuilder.of(
            bound.rule(batch, head), shape.queries(), shape.keys(), tileQueries, tileKeys));
  }

  /**
   * {@return the number of allowed pairs of one batch row and head}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   */
  public long count(int batch, int head) {
    long sum = 0;
    for (Sweep sweep = bound.sweep(batch, head); sweep.hasNext(); ) {
      Band band = sweep.next();
      sum += band.cells(band.from(), sweep.end(band));
    }
    return sum;
  }

  /** {@return the number of allowed pairs of all batch rows and heads} */
  public long count() {
    long sum = 0;
    for (int b = 0; b < bound.batchRows(); b++) {
      for (int h = 0; h < bound.heads(); h++) {
        sum += count(b, h);
      }
    }
    return sum * (shape.batch() / bound.batchRows()) * (shape.heads() / bound.heads());
  }

  /**
   * {@return the fraction of pairs that are allowed, between 0 and 1; 0 where there is no pair at
   * all}
   */
  public double density() {
    return shape.cells() == 0 ? 0 : (double) count() / shape.cells();
  }

  /**
   * {@return the queries that may attend to nothing} Attention over such a row is zeros.
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   */
  public Runs emptyRows(int batch, int head) {
    return Runs.wrap(bound.emptyRows(batch, head));
  }

  /**
   * {@return the keys that some query of [firstQuery, lastQuery) may attend to}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param firstQuery the first query, from 0
   * @param lastQuery one past the last query
   */
  public Runs union(int batch, int head, int firstQuery, int lastQuery) {
    return Runs.wrap(bound.union(batch, head, firstQuery, lastQuery));
  }

  /**
   * {@return a cell that one of two masks allows and the other does not, the first in the order of
   * batch row, head, query and key; empty where they allow the same}
   *
   * @param other a mask of the same sizes
   * @throws IllegalArgumentException if they have other sizes
   */
  public Optional<Cell> differenceFrom(BoundMask other) {
    return Difference.first(bound, other.bound).map(Cell::of);
  }

  /**
   * {@return whether two masks allow the same pairs, however they are written}
   *
   * @param other a mask of the same sizes
   */
  public boolean equivalentTo(BoundMask other) {
    return differenceFrom(other).isEmpty();
  }

  /**
   * {@return a cell that this mask allows and the other does not; empty where this is a subset of
   * it}
   *
   * @param other a mask of the same sizes
   */
  public Optional<Cell> excessOver(BoundMask other) {
    return Difference.excess(bound, other.bound).map(Cell::of);
  }

  /**
   * {@return whether the other mask allows everything this one does}
   *
   * @param other a mask of the same sizes
   */
  public boolean subsetOf(BoundMask other) {
    return excessOver(other).isEmpty();
  }

  /**
   * {@return the fraction of allowed pairs in each rectangle of a grid, {@code [rows, columns]},
   * between 0 and 1: what a picture shows of a mask that is too long to be shown cell by cell}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param rows rows of the grid, 1 to Lq
   * @param columns columns of the grid, 1 to Lk
   */
  public double[][] densities(int batch, int head, int rows, int columns) {
    if (rows < 1 || rows > shape.queries() || columns < 1 || columns > shape.keys()) {
      throw new IllegalArgumentException(
          "a grid has at least one row and column and at most one per query and key, but "
              + rows
              + " x "
              + columns
              + " were asked of "
              + shape);
    }
    Densities.Region all = new Densities.Region(0, shape.queries(), 0, shape.keys());
    return Densities.of(bound.rule(batch, head), all, rows, columns);
  }

  /**
   * {@return the fraction of allowed pairs in each rectangle of a grid over a part of the mask,
   * {@code [rows, columns]}, between 0 and 1: what a picture shows of that part}
   *
   * @param from batch row, head, and the first query and key of the part
   * @param queries queries of the part, at least 1
   * @param keys keys of the part, at least 1
   * @param rows rows of the grid, 1 to {@code queries}
   * @param columns columns of the grid, 1 to {@code keys}
   */
  public double[][] densities(Cell from, int queries, int keys, int rows, int columns) {
    if (from.query() < 0
        || from.key() < 0
        || queries < 1
        || keys < 1
        || (long) from.query() + queries > shape.queries()
        || (long) from.key() + keys > shape.keys()
        || rows < 1
        || rows > queries
        || columns < 1
        || columns > keys) {
      throw new IllegalArgumentException(
          "a grid covers a part of the mask and has at most one row and column per query and key,"
              + " but "
              + rows
              + " x "
              + columns
              + " were asked of "
              + queries
              + " queries and "
              + keys
              + " keys from "
              + from
              + " of "
              + shape);
    }
    Densities.Region part =
        new Densities.Region(from.query(), from.query() + queries, from.key(), from.key() + keys);
    return Densities.of(bound.rule(from.batch(), from.head()), part, rows, columns);
  }

  /**
   * {@return which parts of the expression allow a pair, or forbid it, and why}
   *
   * @param batch batch row, from 0
   * @param head query head, from 0
   * @param query query, from 0
   * @param key key, from 0
   */
  public Explanation explain(int batch, int head, int query, int key) {
    Pair pair = new Pair(batch, head, query, key);
    List<Explanation.Reason> reasons =
        Explainer.explain(bound, pair).stream()
            .map(reason -> new Explanation.Reason(reason.part(), reason.words()))
            .toList();
    return new Explanation(Cell.of(pair), bound.allowed(pair), reasons);
  }

  /**
   * {@return the real tokens of a batch row among the keys: those that some query may attend to}
   *
   * @param batch batch row, from 0
   */
  public RealTokens realTokens(int batch) {
    return new RealTokens(shape.keys(), Runs.wrap(bound.realTokens(batch)));
  }

  /**
   * {@return the tokens that a token can depend on after a number of layers of this mask, itself
   * included}
   *
   * @param batch batch row, from 0
   * @param token the token, from 0
   * @param layers how many layers run one after the other
   * @throws IllegalArgumentException if there are not as many queries as keys
   */
  public Runs reach(int batch, int token, int layers) {
    return Runs.wrap(Reach.of(bound, batch, token, layers));
  }

  /**
   * {@return what {@link #reach(int, int, int)} gives, with a mask of its own for each layer, in
   * the order in which the layers run}
   *
   * @param layers the mask of each layer, all of the same sizes
   * @param batch batch row, from 0
   * @param token the token, from 0
   * @throws IllegalArgumentException if the masks differ in size
   */
  public static Runs reach(List<BoundMask> layers, int batch, int token) {
    return Runs.wrap(Reach.of(layers.stream().map(BoundMask::bound).toList(), batch, token));
  }

  /**
   * {@return 32 hexadecimal digits that change when what is allowed changes, however it is written}
   */
  public String fingerprint() {
    return Fingerprint.of(bound);
  }

  /** {@return what is probably not meant: empty rows, and leaks past a part that forbids them} */
  public List<Finding> lint() {
    Lint lint = new Lint(bound);
    List<Finding> findings = new ArrayList<>();
    add(findings, Finding.Kind.EMPTY_ROW, lint.emptyRows());
    add(findings, Finding.Kind.PADDING_LEAK, lint.paddingLeaks());
    add(findings, Finding.Kind.DOCUMENT_LEAK, lint.documentLeaks());
    add(findings, Finding.Kind.FUTURE_LEAK, lint.futureLeaks());
    add(findings, Finding.Kind.GROUP_LEAK, lint.groupLeaks());
    return List.copyOf(findings);
  }

  private static void add(List<Finding> findings, Finding.Kind kind, List<Lint.Problem> problems) {
    for (Lint.Problem problem : problems) {
      findings.add(new Finding(kind, Cell.of(problem.pair()), problem.message()));
    }
  }

  /** Same rule and same sizes; see {@link #equivalentTo} for the same pairs. */
  @Override
  public boolean equals(Object other) {
    return other instanceof BoundMask that && mask.equals(that.mask) && shape.equals(that.shape);
  }

  @Override
  public int hashCode() {
    return Objects.hash(mask, shape);
  }

  @Override
  public String toString() {
    return mask + " over " + shape;
  }

  /** Takes the allowed keys of one row after the other; see {@link #rows}. */
  @FunctionalInterface
  public interface RowVisitor {
    /**
     * One row.
     *
     * @param query the row
     * @param bounds start, end, start, end of its runs of allowed keys, ascending with gaps; the
     *     array is used again for the next row, and may be longer
     * @param runs the number of runs
     */
    void row(int query, int[] bounds, int runs);
  }
}
