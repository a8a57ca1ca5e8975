package dev.sightline.mask;

import java.util.List;

/** Which tokens are real, per batch row; one row holds for all. */
sealed interface Tokens {
  /** The first n of L are real, or the last n. */
  record Lengths(Ints lengths, Side side) implements Tokens {
    public Lengths {
      if (lengths.size() == 0) {
        throw new IllegalArgumentException("padding needs a length per batch row, or one for all");
      }
      if (lengths.min() < 0) {
        throw new IllegalArgumentException(
            "a length must not be negative, but one is " + lengths.min());
      }
    }
  }

  /** Token by token, holes allowed; 1 = real. */
  record Flags(List<Bits> rows) implements Tokens {
    public Flags {
      rows = List.copyOf(rows);
      if (rows.isEmpty()) {
        throw new IllegalArgumentException("padding needs a row of bits per batch row, or one");
      }
      for (Bits row : rows) {
        if (row.size() != rows.get(0).size()) {
          throw new IllegalArgumentException(
              "the rows of a padding mask must be equally long, but have "
                  + rows.get(0).size()
                  + " and "
                  + row.size()
                  + " tokens");
        }
      }
    }
  }

  /**
   * Digits that may be either, such as 10 or 111110, as a text has them. The number of tokens
   * decides: n digits over n tokens are bits. That is never a guess, because a number of n &gt; 1
   * digits is greater than n, so that it cannot be a length there.
   */
  record Digits(List<String> rows) implements Tokens {
    public Digits {
      rows = List.copyOf(rows);
    }
  }

  /** How many batch rows are described. */
  default int rowCount() {
    return switch (this) {
      case Lengths l -> l.lengths().size();
      case Flags f -> f.rows().size();
      case Digits d -> d.rows().size();
    };
  }

  /**
   * The same over so many tokens, with digits decided. Lengths beyond the tokens stay as they are.
   */
  default Tokens over(int tokens) {
    if (!(this instanceof Digits digits)) {
      return this;
    }
    if (digits.rows().stream().allMatch(row -> row.length() == tokens)) {
      return new Flags(digits.rows().stream().map(Bits::parse).toList());
    }
    int[] lengths = new int[digits.rows().size()];
    for (int b = 0; b < lengths.length; b++) {
      String row = digits.rows().get(b);
      if (row.length() > 9) {
        throw new IllegalArgumentException(
            "padding of "
                + row.length()
                + " bits describes "
                + row.length()
                + " tokens, but there are "
                + tokens);
      }
      lengths[b] = Integer.parseInt(row);
    }
    return new Lengths(Ints.of(lengths), Side.RIGHT);
  }

  /**
   * The real tokens of a batch row among so many, as ascending runs of start and end.
   *
   * @param tokens how many tokens there are; {@link Sizing} has checked that they fit
   */
  default int[] runs(int row, int tokens) {
    return switch (over(tokens)) {
      case Lengths l -> {
        int n = l.lengths().ofRow(row);
        int start = l.side() == Side.LEFT ? tokens - n : 0;
        yield n == 0 ? new int[0] : new int[] {start, start + n};
      }
      case Flags f -> runsOf(f.rows().get(f.rows().size() == 1 ? 0 : row));
      case Digits d -> throw new AssertionError("undecided digits " + d);
    };
  }

  /** The set bits as ascending runs of start and end. */
  static int[] runsOf(Bits bits) {
    IntBuffer runs = new IntBuffer();
    for (int i = bits.nextSet(0); i < bits.size(); ) {
      int end = bits.nextClear(i);
      runs.add(i);
      runs.add(end);
      i = bits.nextSet(end);
    }
    return runs.toArray();
  }
}
