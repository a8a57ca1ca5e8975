package dev.sightline.mask;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A mask over sizes, {@code [B, H, Lq, Lk]}: what can be asked. No answer builds an Lq x Lk array
 * unless it is one itself ({@link #toBooleans}); most take time in the number of changes from row
 * to row, not in the number of cells. Immutable and safe to share between threads.
 *
 * <p>Indices out of range are answered with an {@link IllegalArgumentException}.
 */
public final class BoundMask {
  private final Mask mask;
  private final MaskShape shape;
  private final Rule[][] rules;

  BoundMask(Mask mask, MaskShape shape) {
    Sizing.check(mask.node(), shape);
    this.mask = mask;
    this.shape = shape;
    this.rules = new Rule[mask.batchRows()][mask.heads()];
    RuleCompiler compiler = new RuleCompiler();
    for (int b = 0; b < rules.length; b++) {
      for (int h = 0; h < rules[b].length; h++) {
        rules[b][h] = compiler.compile(mask.node(), shape.queries(), shape.keys(), b, h);
      }
    }
  }

  /** The rule, without sizes. */
  public Mask mask() {
    return mask;
  }

  /** The sizes. */
  public MaskShape shape() {
    return shape;
  }

  Rule rule(int batch, int head) {
    check("batch row", batch, shape.batch());
    check("head", head, shape.heads());
    Rule[] row = rules[rules.length == 1 ? 0 : batch];
    return row[row.length == 1 ? 0 : head];
  }

  private Sweep sweep(int batch, int head) {
    return new Sweep(rule(batch, head), shape.queries(), shape.keys());
  }

  private static void check(String what, int index, int size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          what + " " + index + " is out of range: there are " + size);
    }
  }

  /** Whether a query may attend to a key. */
  public boolean allowed(int batch, int head, int query, int key) {
    Rule rule = rule(batch, head);
    check("query", query, shape.queries());
    check("key", key, shape.keys());
    return rule.band(query, Rule.View.of(key, key + 1)).row(query).contains(key);
  }

  /** As {@link #allowed(int, int, int, int)}. */
  public boolean allowed(Cell cell) {
    return allowed(cell.batch(), cell.head(), cell.query(), cell.key());
  }

  /** The keys a query may attend to. */
  public Runs row(int batch, int head, int query) {
    Rule rule = rule(batch, head);
    check("query", query, shape.queries());
    return rule.band(query, Rule.View.of(0, shape.keys())).row(query);
  }

  /**
   * The keys of queries [first, last), one after the other: for those who want many rows, such as
   * kernels. Unlike {@link #row} it works out a mask's form once for all rows that share it and
   * makes no object for a row.
   */
  public void rows(int batch, int head, int first, int last, RowVisitor visitor) {
    Rule rule = rule(batch, head);
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

  /** What the rectangle of queries [firstQuery, lastQuery) and keys [firstKey, lastKey) holds. */
  public TileClass classify(
      int batch, int head, int firstQuery, int lastQuery, int firstKey, int lastKey) {
    Rule rule = rule(batch, head);
    if (firstQuery < 0
        || firstQuery >= lastQuery
        || lastQuery > shape.queries()
        || firstKey < 0
        || firstKey >= lastKey
        || lastKey > shape.keys()) {
      throw new IllegalArgumentException(
          "a rectangle must lie within the mask and have a cell, but queries ["
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

  /** The tiles that a kernel must visit, of so many queries and keys each. */
  public Tiles tiles(int batch, int head, int tileQueries, int tileKeys) {
    return TileBuilder.of(rule(batch, head), shape.queries(), shape.keys(), tileQueries, tileKeys);
  }

  /** The number of allowed pairs of one batch row and head. */
  public long count(int batch, int head) {
    long sum = 0;
    for (Sweep sweep = sweep(batch, head); sweep.hasNext(); ) {
      Band band = sweep.next();
      sum += band.cells(band.from(), sweep.end(band));
    }
    return sum;
  }

  /** The number of allowed pairs of all batch rows and heads. */
  public long count() {
    long sum = 0;
    for (int b = 0; b < rules.length; b++) {
      for (int h = 0; h < rules[b].length; h++) {
        sum += count(b, h);
      }
    }
    return sum * (shape.batch() / rules.length) * (shape.heads() / rules[0].length);
  }

  /** The fraction of pairs that are allowed, between 0 and 1; 0 where there is no pair at all. */
  public double density() {
    return shape.cells() == 0 ? 0 : (double) count() / shape.cells();
  }

  /** The queries that may attend to nothing. Attention over such a row is zeros. */
  public Runs emptyRows(int batch, int head) {
    RunSet empty = new RunSet();
    for (Sweep sweep = sweep(batch, head); sweep.hasNext(); ) {
      Band band = sweep.next();
      if (band.isEmpty()) {
        empty.add(band.from(), sweep.end(band));
      }
    }
    return empty.toRuns();
  }

  /** The keys that some query of [firstQuery, lastQuery) may attend to. */
  public Runs union(int batch, int head, int firstQuery, int lastQuery) {
    Rule rule = rule(batch, head);
    RunSet union = new RunSet();
    Sweep sweep = new Sweep(rule, firstQuery, lastQuery, Rule.View.of(0, shape.keys()));
    while (sweep.hasNext()) {
      Band band = sweep.next();
      union.addAll(band, band.from(), sweep.end(band));
    }
    return union.toRuns();
  }

  /**
   * A cell that one of two masks allows and the other does not, the first in the order of batch
   * row, head, query and key; empty where they allow the same.
   *
   * @throws IllegalArgumentException if they have other sizes
   */
  public Optional<Cell> differenceFrom(BoundMask other) {
    return Comparison.first(
        this, other, (mine, theirs) -> BandBuilder.or(minus(mine, theirs), minus(theirs, mine)));
  }

  /** Whether two masks allow the same pairs, however they are written. */
  public boolean equivalentTo(BoundMask other) {
    return differenceFrom(other).isEmpty();
  }

  /** A cell that this mask allows and the other does not; empty where this is a subset of it. */
  public Optional<Cell> excessOver(BoundMask other) {
    return Comparison.first(this, other, this::minus);
  }

  /** Whether the other mask allows everything this one does. */
  public boolean subsetOf(BoundMask other) {
    return excessOver(other).isEmpty();
  }

  private Band minus(Band a, Band b) {
    return BandBuilder.and(a, BandBuilder.not(b, shape.keys()));
  }

  /**
   * The fraction of allowed pairs in each rectangle of a grid of so many rows and columns, between
   * 0 and 1: what a picture shows of a mask that is too long to be shown cell by cell.
   */
  public double[][] densities(int batch, int head, int rows, int columns) {
    return Densities.of(this, batch, head, rows, columns);
  }

  /** Which parts of the expression allow a pair, or forbid it, and why. */
  public Explanation explain(int batch, int head, int query, int key) {
    return Explainer.explain(this, new Cell(batch, head, query, key));
  }

  /** The real tokens of a batch row among the keys: those that some query may attend to. */
  public RealTokens realTokens(int batch) {
    check("batch row", batch, shape.batch());
    RunSet real = new RunSet();
    for (int h = 0; h < mask.heads(); h++) {
      real.addAll(union(batch, h, 0, shape.queries()));
    }
    return new RealTokens(shape.keys(), real.toRuns());
  }

  /**
   * The tokens that a token can depend on after so many layers of this mask, itself included.
   *
   * @throws IllegalArgumentException if there are not as many queries as keys
   */
  public Runs reach(int batch, int token, int layers) {
    check("batch row", batch, shape.batch());
    return Reach.of(this, batch, token, layers);
  }

  /**
   * As {@link #reach(int, int, int)}, with a mask of its own for each layer, in the order in which
   * the layers run.
   *
   * @throws IllegalArgumentException if the masks differ in size
   */
  public static Runs reach(List<BoundMask> layers, int batch, int token) {
    return Reach.of(layers, batch, token);
  }

  /** 32 hexadecimal digits that change when what is allowed changes, however it is written. */
  public String fingerprint() {
    return Fingerprint.of(this);
  }

  /** What is probably not meant: empty rows, and leaks past a part that forbids them. */
  public List<Finding> lint() {
    return Lint.of(this);
  }

  /** Whether a step over a cached prefix of so many tokens differs from this joint mask. */
  public List<Finding> lintStep(int prefix) {
    return cachedStep(prefix)
        .refute()
        .map(m -> new Finding(Finding.Kind.STEP_MISMATCH, m.cell(), m.message()))
        .stream()
        .toList();
  }

  /** The step over a cached prefix of so many tokens. */
  public CachedStep cachedStep(int prefix) {
    return new CachedStep(this, prefix);
  }

  /** Every cell, {@code [B, H, Lq, Lk]} in row-major order: for tests and small pictures. */
  public boolean[] toBooleans(Polarity polarity) {
    return BooleanForm.of(this, polarity);
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
}
