package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.IntBuffer;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.RowRuns;
import dev.sightline.mask.internal.band.Rule;
import dev.sightline.mask.internal.band.RunBounds;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.text.Source;
import java.util.List;
import java.util.OptionalInt;

/**
 * Cell by cell. A short row is written as bits, a long one as inclusive ranges of keys.
 *
 * <pre>
 * dense(110/111)            110      rows(3; 0..1 / 0..2)
 *                           111
 * </pre>
 *
 * @param rows the runs of allowed keys of every row
 */
public record Dense(RowRuns rows) implements Kind {
  static final List<Word> WORDS =
      List.of(
          new Word("dense", (source, start) -> new Dense(readBits(source))),
          new Word("rows", (source, start) -> new Dense(readRanges(source))));

  private static final int WIDEST_BITS = 256;

  private static RowRuns readBits(Source source) {
    source.need('(', "'(' and rows of bits, as in dense(110/111)");
    RowRuns.Builder rows = new RowRuns.Builder();
    int keys = -1;
    do {
      int at = source.position();
      String text = source.takeWhile(c -> c == '0' || c == '1');
      if (text.isEmpty()) {
        throw source.expected("a row of 0 and 1");
      }
      if (keys >= 0 && text.length() != keys) {
        throw source.error(
            at,
            "every row must have the same number of keys, but the first has "
                + keys
                + " and this one "
                + text.length());
      }
      keys = text.length();
      rows.add(Bits.parse(text).runs());
    } while (source.take('/'));
    source.need(')', "'0', '1', '/' or ')'");
    return rows.build(keys);
  }

  /** The number of keys, then the inclusive ranges of every row, a hyphen for a row of none. */
  private static RowRuns readRanges(Source source) {
    source.need('(', "'(' and the number of keys, as in rows(9; 0..2, 4 / -)");
    int at = source.position();
    int keys = source.number("the number of keys");
    if (keys < 1) {
      throw source.error(at, "a dense mask needs at least one key, but has " + keys);
    }
    source.need(';', "';' and the rows");
    RowRuns.Builder rows = new RowRuns.Builder();
    do {
      IntBuffer bounds = new IntBuffer();
      if (!source.take('-')) {
        readRange(source, bounds, keys);
        while (source.take(',')) {
          readRange(source, bounds, keys);
        }
      }
      rows.add(bounds.toArray());
    } while (source.take('/'));
    source.need(')', "',', '/' or ')'");
    return rows.build(keys);
  }

  private static void readRange(Source source, IntBuffer bounds, int keys) {
    int at = source.position();
    int from = source.number("a range of keys such as 0..2, or '-' for none");
    int to = from;
    if (source.take('.')) {
      source.need('.', "'..'");
      to = source.number("the last key of the range");
    }
    boolean touches = bounds.size() > 0 && from <= bounds.get(bounds.size() - 1);
    if (to < from || to >= keys || touches) {
      throw source.error(
          at,
          "ranges of keys must ascend without touching and end before key "
              + keys
              + ", but this one is "
              + from
              + ".."
              + to);
    }
    bounds.add(from);
    bounds.add(to + 1);
  }

  @Override
  public String text() {
    StringBuilder text = new StringBuilder();
    if (rows.keys() <= WIDEST_BITS) {
      for (int i = 0; i < rows.queries(); i++) {
        text.append(i == 0 ? "dense(" : "/");
        RunBounds.appendBits(text, rows.row(i), rows.keys());
      }
      return text.append(")").toString();
    }
    text.append("rows(").append(rows.keys()).append("; ");
    for (int i = 0; i < rows.queries(); i++) {
      int[] row = rows.row(i);
      text.append(i == 0 ? "" : " / ").append(row.length == 0 ? "-" : RunBounds.text(row));
    }
    return text.append(")").toString();
  }

  @Override
  public OptionalInt length() {
    return OptionalInt.of(rows.keys());
  }

  @Override
  public void check(Fit fit) {
    Sizes sizes = fit.sizes();
    if (rows.queries() != sizes.queries() || rows.keys() != sizes.keys()) {
      throw fit.error(
          " is "
              + rows.queries()
              + " x "
              + rows.keys()
              + ", but the mask is "
              + sizes.queries()
              + " x "
              + sizes.keys());
    }
  }

  @Override
  public Rule rule(Sizes sizes, int batch) {
    return (row, view) -> {
      int until = row + 1;
      while (until < rows.queries() && rows.sameRow(row, until)) {
        until++;
      }
      long[] edges = new long[rows.boundCount(row)];
      for (int e = 0; e < edges.length; e++) {
        edges[e] = Band.edge(rows.bound(row, e), 0);
      }
      return new Band(row, until, edges);
    };
  }

  @Override
  public String explain(Sizes sizes, Pair pair, boolean allowed) {
    return "the cell is " + (allowed ? "set" : "not set");
  }
}
