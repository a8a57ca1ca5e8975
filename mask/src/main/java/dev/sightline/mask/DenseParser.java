package dev.sightline.mask;

/**
 * Reads masks that are written cell by cell, {@code dense(110/111)} or {@code rows(9; 0..2, 4 /
 * -)}.
 */
final class DenseParser {
  private final Source source;

  DenseParser(Source source) {
    this.source = source;
  }

  /** Rows of bits, separated by slashes. */
  Node bits(int start) {
    source.need('(', "'(' and rows of bits, as in dense(110/111)");
    IntBuffer first = new IntBuffer();
    IntBuffer bounds = new IntBuffer();
    int keys = -1;
    first.add(0);
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
      for (int bound : Tokens.runsOf(Bits.parse(text))) {
        bounds.add(bound);
      }
      first.add(bounds.size());
    } while (source.take('/'));
    source.need(')', "'0', '1', '/' or ')'");
    return new Node.Dense(new RowRuns(keys, first.toArray(), bounds.toArray()));
  }

  /** The number of keys, then the inclusive ranges of every row, a dash for a row of none. */
  Node runs(int start) {
    source.need('(', "'(' and the number of keys, as in rows(9; 0..2, 4 / -)");
    int keys = number("the number of keys");
    source.need(';', "';' and the rows");
    IntBuffer first = new IntBuffer();
    IntBuffer bounds = new IntBuffer();
    first.add(0);
    do {
      if (!source.take('-')) {
        range(bounds, first.get(first.size() - 1), keys);
        while (source.take(',')) {
          range(bounds, first.get(first.size() - 1), keys);
        }
      }
      first.add(bounds.size());
    } while (source.take('/'));
    source.need(')', "',', '/' or ')'");
    return new Node.Dense(new RowRuns(keys, first.toArray(), bounds.toArray()));
  }

  private void range(IntBuffer bounds, int rowStart, int keys) {
    int at = source.position();
    int from = number("a range of keys such as 0..2, or '-' for none");
    int to = from;
    if (source.take('.')) {
      source.need('.', "'..'");
      to = number("the last key of the range");
    }
    boolean touches = bounds.size() > rowStart && from <= bounds.get(bounds.size() - 1);
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

  private int number(String couldBe) {
    int at = source.position();
    String digits = source.takeWhile(c -> c >= '0' && c <= '9');
    if (digits.isEmpty() || digits.length() > 9) {
      source.goTo(at);
      throw source.expected(couldBe);
    }
    return Integer.parseInt(digits);
  }
}
