package dev.sightline.mask;

import java.util.List;

/**
 * The kinds of mask, as values. Each record checks what can be checked without sizes; {@link
 * Sizing} checks the rest, {@link RuleCompiler} turns a node into runs, {@link Printer} into text.
 */
sealed interface Node {
  /** Every pair. */
  record Full() implements Node {}

  /** No pair. */
  record Nothing() implements Node {}

  /** j <= i + offset. */
  record Causal(Alignment alignment) implements Node {}

  /**
   * i + offset - left <= j <= i + offset + right.
   *
   * @param left inclusive distance, {@link Mask#UNBOUNDED} for no limit
   * @param right inclusive distance, {@link Mask#UNBOUNDED} for no limit
   */
  record Window(int left, int right, Alignment alignment) implements Node {
    public Window {
      if (left < 0 || right < 0) {
        throw new IllegalArgumentException(
            "a window's distances must not be negative, but they are " + left + " and " + right);
      }
    }
  }

  /**
   * floor((i - pad) / size) = floor((j - pad) / size), pad being the batch row's left padding; a
   * token of the padding is in no chunk.
   */
  record Chunk(int size, Ints leftPadding) implements Node {
    public Chunk {
      if (size < 1) {
        throw new IllegalArgumentException("a chunk must have at least 1 token, but has " + size);
      }
      notNegative("left padding", leftPadding);
    }
  }

  /** j < p or j <= i + offset, p being the batch row's prefix length. */
  record Prefix(Ints lengths, Alignment alignment) implements Node {
    public Prefix {
      notNegative("prefix length", lengths);
    }
  }

  /** Which side of a pair must be a real token. */
  enum Who {
    BOTH("padding"),
    KEYS("key-padding"),
    QUERIES("query-padding");

    final String word;

    Who(String word) {
      this.word = word;
    }
  }

  /** The key, the query or both are real tokens. */
  record Padding(Who who, Tokens tokens) implements Node {}

  /** Same document, documents lying one after the other; a token beyond the last is in none. */
  record Documents(Ints queries, Ints keys) implements Node {
    public Documents {
      notNegative("document length", queries);
      notNegative("document length", keys);
      if (queries.size() != keys.size()) {
        throw new IllegalArgumentException(
            "queries and keys must have the same number of documents, but have "
                + queries.size()
                + " and "
                + keys.size());
      }
    }
  }

  /**
   * Same id. Ids of islands count from 1, and a token of id 0 is on no island; ids of documents may
   * be anything, and every token has a document.
   */
  record SameId(Ints ids, boolean islands) implements Node {
    public SameId {
      if (islands) {
        notNegative("island id", ids);
      }
    }
  }

  /** c(j) <= c(i), c being the running sum of the batch row's bits. */
  record BlockCausal(List<Bits> rows) implements Node {
    public BlockCausal {
      rows = rectangular("block-causal", rows);
    }
  }

  /** Where the query's bit is 0 everything, else j <= i. */
  record RowCausal(List<Bits> rows) implements Node {
    public RowCausal {
      rows = rectangular("row-causal", rows);
    }
  }

  /** (i - j) mod step = 0. */
  record Dilated(int step) implements Node {
    public Dilated {
      if (step < 1) {
        throw new IllegalArgumentException("a dilation must be at least 1, but is " + step);
      }
    }
  }

  /** i or j is one of the positions. */
  record Global(Ints positions) implements Node {
    public Global {
      notNegative("global token", positions);
    }
  }

  /** j < prefix, or both are in the same branch; a query of the prefix sees the prefix. */
  record SharedPrefix(int prefix, Ints branches) implements Node {
    public SharedPrefix {
      if (prefix < 0) {
        throw new IllegalArgumentException("a prefix must not be negative, but is " + prefix);
      }
      notNegative("branch length", branches);
    }
  }

  /**
   * j is i or an ancestor of i; a root's parent is -1, every other parent stands before its child.
   */
  record Tree(Ints parents) implements Node {
    public Tree {
      for (int i = 0; i < parents.size(); i++) {
        if (parents.get(i) < -1 || parents.get(i) >= i) {
          throw new IllegalArgumentException(
              "a parent stands before its child, -1 for a root, but the parent of token "
                  + i
                  + " is "
                  + parents.get(i));
        }
      }
    }
  }

  /** Named segments, who sees whom, and how inside. */
  record Grouped(Groups groups) implements Node {}

  /** A layout of a known policy: its name and numbers, and the mask they stand for. */
  record Preset(String text, Node body) implements Node {}

  /** Cell by cell, as runs per row. */
  record Dense(RowRuns rows) implements Node {}

  /** The last Lq rows of a joint mask over Lk tokens: what a cached step must reproduce. */
  record Step(Node joint) implements Node {}

  /**
   * {@code [real tokens of the prefix, for every row | suffix mask]}, as a cached step builds it.
   */
  record Cached(List<Bits> prefix, Node suffix) implements Node {
    public Cached {
      prefix = rectangular("cached", prefix);
    }
  }

  /** Every part allows. Parts are at least two and none is itself an {@code And}. */
  record And(List<Node> parts) implements Node {}

  /** Some part allows. Parts are at least two and none is itself an {@code Or}. */
  record Or(List<Node> parts) implements Node {}

  /** The part, which is no {@code Not}, forbids. */
  record Not(Node part) implements Node {}

  /** One mask per batch row. */
  record PerBatch(List<Node> rows) implements Node {}

  /** One mask per query head. */
  record PerHead(List<Node> heads) implements Node {}

  /** The nodes directly below, in order. */
  default List<Node> children() {
    return switch (this) {
      case And and -> and.parts();
      case Or or -> or.parts();
      case Not not -> List.of(not.part());
      case PerBatch per -> per.rows();
      case PerHead per -> per.heads();
      case Preset preset -> List.of(preset.body());
      case Step step -> List.of(step.joint());
      case Cached cached -> List.of(cached.suffix());
      default -> List.of();
    };
  }

  private static void notNegative(String what, Ints values) {
    if (values.size() == 0) {
      throw new IllegalArgumentException("at least one " + what + " is needed");
    }
    if (values.min() < 0) {
      throw new IllegalArgumentException(
          "a " + what + " must not be negative, but one is " + values.min());
    }
  }

  private static List<Bits> rectangular(String word, List<Bits> rows) {
    List<Bits> copy = List.copyOf(rows);
    if (copy.isEmpty()) {
      throw new IllegalArgumentException(word + " needs at least one row of bits");
    }
    for (Bits row : copy) {
      if (row.size() != copy.get(0).size()) {
        throw new IllegalArgumentException(
            "the rows of "
                + word
                + " must have the same number of bits, but have "
                + copy.get(0).size()
                + " and "
                + row.size());
      }
    }
    return copy;
  }
}
