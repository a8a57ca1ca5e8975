package dev.sightline.mask.internal.kind;

import dev.sightline.mask.internal.band.Bits;
import dev.sightline.mask.internal.band.Ints;
import dev.sightline.mask.internal.text.Arguments;
import dev.sightline.mask.internal.text.Excerpt;
import java.util.List;
import java.util.Optional;

/** Which tokens are real, for each batch row or for all: the arguments of {@link Padding}. */
public sealed interface Tokens {
  /**
   * Numbers of tokens.
   *
   * @param lengths real tokens, one number for all batch rows or one for each
   * @param atEnd whether the last tokens of a row are the real ones; otherwise the first are
   */
  record Lengths(Ints lengths, boolean atEnd) implements Tokens {
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
  record Flags(BitRows rows) implements Tokens {
    static Flags of(List<Bits> rows) {
      return new Flags(BitRows.of("a padding mask", rows));
    }
  }

  /**
   * Digits that may be lengths or bits, such as 10 or 111110, as a text has them. The number of
   * tokens decides: n digits over n tokens are bits. That is never a guess, because a number of n
   * &gt; 1 digits is greater than n, so that it cannot be a length there.
   */
  record Digits(List<String> rows) implements Tokens {
    public Digits {
      rows = List.copyOf(rows);
    }
  }

  /** What the numbers between the parentheses are. */
  enum Meaning {
    LENGTHS,
    BITS,
    EITHER
  }

  /**
   * Only 0 and 1, equally many in every row, more than one: bits, or a number such as 10. A leading
   * zero settles it, since no number has one. Anything else is lengths.
   */
  private static Meaning meaning(List<String> items) {
    int digits = items.get(0).length();
    boolean zero = false;
    for (String item : items) {
      if (item.length() != digits || item.chars().anyMatch(c -> c != '0' && c != '1')) {
        return Meaning.LENGTHS;
      }
      zero |= item.charAt(0) == '0';
    }
    if (digits == 1) {
      return Meaning.LENGTHS;
    }
    return zero ? Meaning.BITS : Meaning.EITHER;
  }

  /** Reads the arguments of a word. */
  static Tokens read(Arguments a, String word) {
    Optional<List<Arguments.Item>> side = a.takeNamed("side");
    Optional<List<Arguments.Item>> bits = a.takeNamed("bits");
    if (bits.isPresent()) {
      return Flags.of(a.bits(bits.get()));
    }
    Optional<int[]> lengths = a.namedNumbers("lengths");
    if (lengths.isPresent() || side.isPresent()) {
      int[] numbers =
          lengths.orElseGet(() -> a.numbers("a length per batch row, as in " + word + "(5,6)"));
      return new Lengths(Ints.of(numbers), side.isPresent() && atEnd(a, side.get()));
    }
    List<Arguments.Item> items =
        a.list("a length per batch row or bits, as in " + word + "(5,6) or " + word + "(110111)");
    List<String> texts = items.stream().map(Arguments.Item::text).toList();
    return switch (meaning(texts)) {
      case LENGTHS -> new Lengths(Ints.of(a.numbers(items)), false);
      case BITS -> Flags.of(a.bits(items));
      case EITHER -> new Digits(texts);
    };
  }

  private static boolean atEnd(Arguments a, List<Arguments.Item> items) {
    String word = items.get(0).text();
    if (items.size() != 1 || !(word.equals("left") || word.equals("right"))) {
      throw a.error(items.get(0), "a side is left or right, but is '" + Excerpt.of(word) + "'");
    }
    return word.equals("left");
  }

  /** The text form. Where the numbers could be read otherwise, it says what they are. */
  default String text() {
    return switch (this) {
      case Lengths lengths when lengths.atEnd() -> lengths.lengths() + "; side=left";
      case Lengths lengths -> named("lengths=", Meaning.LENGTHS, lengths.lengths().toString());
      case Flags flags -> named("bits=", Meaning.BITS, flags.rows().toString());
      case Digits digits -> String.join(",", digits.rows());
    };
  }

  private static String named(String name, Meaning meant, String items) {
    return meaning(List.of(items.split(",", -1))) == meant ? items : name + items;
  }

  /** The number of batch rows that are described. */
  default int rowCount() {
    return switch (this) {
      case Lengths lengths -> lengths.lengths().size();
      case Flags flags -> flags.rows().count();
      case Digits digits -> digits.rows().size();
    };
  }

  /** The number of tokens that are named: exact for bits, the longest row for lengths. */
  default int length() {
    return switch (this) {
      case Lengths lengths -> lengths.lengths().max();
      case Flags flags -> flags.rows().size();
      case Digits digits -> digits.rows().get(0).length();
    };
  }

  /**
   * Checks that the tokens are as many as there are.
   *
   * @param size the number of tokens
   */
  default void check(Fit fit, int size) {
    switch (over(size)) {
      case Lengths lengths -> fit.atMost("length", lengths.lengths().max(), size, "tokens");
      case Flags flags -> fit.describes(flags.rows().size(), size);
      case Digits digits -> throw undecided(digits);
    }
  }

  /** The same over a number of tokens, with digits decided. */
  default Tokens over(int tokens) {
    if (!(this instanceof Digits digits)) {
      return this;
    }
    if (digits.rows().stream().allMatch(row -> row.length() == tokens)) {
      return Flags.of(digits.rows().stream().map(Bits::parse).toList());
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
    return new Lengths(Ints.of(lengths), false);
  }

  /**
   * The real tokens of a batch row as {@link dev.sightline.mask.internal.band.RunBounds}.
   *
   * @param tokens the number of tokens, which {@link #check} has seen
   */
  default int[] runs(int row, int tokens) {
    return switch (over(tokens)) {
      case Lengths lengths -> {
        int n = lengths.lengths().ofRow(row);
        int start = lengths.atEnd() ? tokens - n : 0;
        yield n == 0 ? new int[0] : new int[] {start, start + n};
      }
      case Flags flags -> flags.rows().ofRow(row).runs();
      case Digits digits -> throw undecided(digits);
    };
  }

  private static AssertionError undecided(Digits digits) {
    return new AssertionError("undecided digits " + digits);
  }
}
