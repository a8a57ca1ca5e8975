package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.RunBounds;
import dev.sightline.mask.internal.band.RunSet;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.band.Sweep;

/**
 * An expression over sizes: the rule of each batch row and head that it tells apart. Immutable and
 * safe to share between threads.
 */
public final class Bound {
  private final Node node;
  private final Sizes sizes;
  private final Rule[][] rules;

  /**
   * Binds an expression to sizes.
   *
   * @throws IllegalArgumentException if it does not fit them
   */
  public Bound(Node node, Sizes sizes) {
    Sizing.check(node, sizes);
    this.node = node;
    this.sizes = sizes;
    this.rules = new Rule[Sizing.batchRows(node)][Sizing.heads(node)];
    Compiler compiler = new Compiler();
    for (int b = 0; b < rules.length; b++) {
      for (int h = 0; h < rules[b].length; h++) {
        rules[b][h] = compiler.compile(node, sizes, b, h);
      }
    }
  }

  /** The expression. */
  public Node node() {
    return node;
  }

  /** The sizes. */
  public Sizes sizes() {
    return sizes;
  }

  /** The number of batch rows that are told apart, 1 where all are alike. */
  public int batchRows() {
    return rules.length;
  }

  /** The number of heads that are told apart, 1 where all are alike. */
  public int heads() {
    return rules[0].length;
  }

  /**
   * The rule of a batch row and head.
   *
   * @throws IllegalArgumentException if there is no such batch row or head
   */
  public Rule rule(int batch, int head) {
    checkIndex("batch row", batch, sizes.batch());
    checkIndex("head", head, sizes.heads());
    Rule[] row = rules[rules.length == 1 ? 0 : batch];
    return row[row.length == 1 ? 0 : head];
  }

  /**
   * Whether a pair is allowed.
   *
   * @throws IllegalArgumentException if there is no such pair
   */
  public boolean allowed(Pair pair) {
    Rule rule = rule(pair.batch(), pair.head());
    checkIndex("query", pair.query(), sizes.queries());
    checkIndex("key", pair.key(), sizes.keys());
    return allowed(rule, pair);
  }

  static boolean allowed(Rule rule, Pair pair) {
    Band band = rule.band(pair.query(), Rule.View.of(pair.key(), pair.key() + 1));
    return RunBounds.contains(band.row(pair.query()), pair.key());
  }

  /** Checks an index against a number of things. */
  public static void checkIndex(String what, int index, int size) {
    if (index < 0 || index >= size) {
      throw new IllegalArgumentException(
          what + " " + index + " is out of range: there are " + size);
    }
  }

  /** All bands of a batch row and head. */
  public Sweep sweep(int batch, int head) {
    return new Sweep(rule(batch, head), sizes.queries(), sizes.keys());
  }

  /** The queries that may attend to nothing, as run bounds. */
  public int[] emptyRows(int batch, int head) {
    RunSet empty = new RunSet();
    for (Sweep sweep = sweep(batch, head); sweep.hasNext(); ) {
      Band band = sweep.next();
      if (band.isEmpty()) {
        empty.add(band.from(), sweep.end(band));
      }
    }
    return empty.toBounds();
  }

  /** The keys that some query of [firstQuery, lastQuery) may attend to, as run bounds. */
  public int[] union(int batch, int head, int firstQuery, int lastQuery) {
    Rule rule = rule(batch, head);
    RunSet union = new RunSet();
    Sweep sweep = new Sweep(rule, firstQuery, lastQuery, Rule.View.of(0, sizes.keys()));
    while (sweep.hasNext()) {
      Band band = sweep.next();
      union.addAll(band, band.from(), sweep.end(band));
    }
    return union.toBounds();
  }

  /** The keys that some query of some head may attend to, as run bounds. */
  public int[] realTokens(int batch) {
    checkIndex("batch row", batch, sizes.batch());
    RunSet real = new RunSet();
    for (int h = 0; h < heads(); h++) {
      real.addAll(union(batch, h, 0, sizes.queries()));
    }
    return real.toBounds();
  }
}
