package dev.sightline.mask;

import java.util.List;
import java.util.OptionalInt;

/** What sizes a node names by itself, and whether it fits the sizes it is bound to. */
final class Sizing {
  private Sizing() {}

  /** The number of batch rows a node tells apart, 1 where all are alike. */
  static int batchRows(Node node) {
    int own =
        switch (node) {
          case Node.Causal causal -> rows(causal.alignment());
          case Node.Window window -> rows(window.alignment());
          case Node.Chunk chunk -> chunk.leftPadding().size();
          case Node.Prefix prefix -> Math.max(prefix.lengths().size(), rows(prefix.alignment()));
          case Node.Padding padding -> padding.tokens().rowCount();
          case Node.BlockCausal block -> block.rows().size();
          case Node.RowCausal block -> block.rows().size();
          case Node.Cached cached -> cached.prefix().size();
          case Node.PerBatch per -> per.rows().size();
          default -> 1;
        };
    for (Node child : node.children()) {
      own = Math.max(own, batchRows(child));
    }
    return own;
  }

  private static int rows(Alignment alignment) {
    return alignment instanceof Alignment.Offset offset ? offset.offsets().size() : 1;
  }

  /** The number of heads a node tells apart, 1 where all are alike. */
  static int heads(Node node) {
    int own = node instanceof Node.PerHead per ? per.heads().size() : 1;
    for (Node child : node.children()) {
      own = Math.max(own, heads(child));
    }
    return own;
  }

  /**
   * The number of keys that a node names by itself: the exact number where it lists its tokens, the
   * smallest where it gives lengths, none where it is free of sizes.
   */
  static OptionalInt length(Node node) {
    int own =
        switch (node) {
          case Node.Padding padding -> length(padding.tokens());
          case Node.Documents documents -> clamp(documents.keys().sum());
          case Node.SameId same -> same.ids().size();
          case Node.BlockCausal block -> block.rows().get(0).size();
          case Node.RowCausal block -> block.rows().get(0).size();
          case Node.SharedPrefix shared -> clamp(shared.prefix() + shared.branches().sum());
          case Node.Tree tree -> tree.parents().size();
          case Node.Global global -> clamp(global.positions().max() + 1L);
          case Node.Grouped grouped -> clamp(grouped.groups().size());
          case Node.Dense dense -> dense.rows().keys();
          default -> -1;
        };
    if (node instanceof Node.Cached cached) {
      int suffix = length(cached.suffix()).orElse(0);
      return OptionalInt.of(cached.prefix().get(0).size() + suffix);
    }
    for (Node child : node.children()) {
      own = Math.max(own, length(child).orElse(-1));
    }
    return own < 0 ? OptionalInt.empty() : OptionalInt.of(own);
  }

  /** The largest number by which a node that is free of sizes tells positions apart. */
  static int largest(Node node) {
    int own =
        switch (node) {
          case Node.Causal causal -> largest(causal.alignment());
          case Node.Window window ->
              Math.max(
                  Math.max(bounded(window.left()), bounded(window.right())),
                  largest(window.alignment()));
          case Node.Chunk chunk -> Math.max(chunk.size(), chunk.leftPadding().max());
          case Node.Prefix prefix -> Math.max(prefix.lengths().max(), largest(prefix.alignment()));
          case Node.Dilated dilated -> dilated.step();
          default -> 0;
        };
    for (Node child : node.children()) {
      own = Math.max(own, largest(child));
    }
    return own;
  }

  private static int largest(Alignment alignment) {
    return alignment instanceof Alignment.Offset offset
        ? offset.offsets().stream().mapToInt(Math::abs).max().orElse(0)
        : 0;
  }

  private static int bounded(int distance) {
    return distance == Mask.UNBOUNDED ? 0 : distance;
  }

  private static int length(Tokens tokens) {
    return switch (tokens) {
      case Tokens.Lengths lengths -> lengths.lengths().max();
      case Tokens.Flags flags -> flags.rows().get(0).size();
      case Tokens.Digits digits -> digits.rows().get(0).length();
    };
  }

  private static int clamp(long length) {
    return (int) Math.min(Integer.MAX_VALUE, length);
  }

  /**
   * Checks that a node fits its sizes.
   *
   * @throws IllegalArgumentException if it does not, quoting the part that does not fit
   */
  static void check(Node node, MaskShape shape) {
    int queries = shape.queries();
    int keys = shape.keys();
    switch (node) {
      case Node.Causal causal -> aligned(node, causal.alignment(), shape);
      case Node.Window window -> aligned(node, window.alignment(), shape);
      case Node.Prefix prefix -> {
        aligned(node, prefix.alignment(), shape);
        rows(node, prefix.lengths().size(), shape);
        fits(node, "prefix length", prefix.lengths().max(), keys, "keys");
      }
      case Node.Chunk chunk -> {
        rows(node, chunk.leftPadding().size(), shape);
        if (chunk.leftPadding().max() > 0) {
          oneSequence(node, shape);
          fits(node, "left padding", chunk.leftPadding().max(), keys, "tokens");
        }
      }
      case Node.Padding padding -> padding(padding, shape);
      case Node.Documents documents -> {
        fits(node, "sum of lengths", documents.queries().sum(), queries, "queries");
        fits(node, "sum of lengths", documents.keys().sum(), keys, "keys");
      }
      case Node.SameId same -> tokens(node, same.ids().size(), shape);
      case Node.BlockCausal block -> bits(node, block.rows(), shape);
      case Node.RowCausal block -> bits(node, block.rows(), shape);
      case Node.Global global ->
          fits(
              node,
              "last global position plus one",
              global.positions().max() + 1L,
              Math.max(queries, keys),
              "tokens");
      case Node.SharedPrefix shared -> {
        oneSequence(node, shape);
        fits(node, "sum of lengths", shared.prefix() + shared.branches().sum(), keys, "tokens");
      }
      case Node.Tree tree -> tokens(node, tree.parents().size(), shape);
      case Node.Grouped grouped -> tokens(node, grouped.groups().size(), shape);
      case Node.Dense dense -> cells(node, dense.rows(), shape);
      case Node.Preset preset when preset.body() instanceof Node.Dense dense ->
          cells(node, dense.rows(), shape);
      case Node.Preset preset when preset.body() instanceof Node.Grouped grouped ->
          tokens(node, grouped.groups().size(), shape);
      case Node.Step step -> {
        if (queries > keys) {
          throw new IllegalArgumentException(
              Printer.brief(node)
                  + " is the last rows of a joint mask over all keys, so there cannot be more"
                  + " queries than keys, but there are "
                  + queries
                  + " queries and "
                  + keys
                  + " keys");
        }
        check(step.joint(), new MaskShape(shape.batch(), shape.heads(), keys, keys));
      }
      case Node.Cached cached -> {
        rows(node, cached.prefix().size(), shape);
        int prefix = cached.prefix().get(0).size();
        if (prefix + (long) queries != keys) {
          throw new IllegalArgumentException(
              Printer.brief(node)
                  + " has a prefix of "
                  + prefix
                  + " tokens, so over "
                  + queries
                  + " queries there must be "
                  + (prefix + (long) queries)
                  + " keys, but there are "
                  + keys);
        }
        check(cached.suffix(), new MaskShape(shape.batch(), shape.heads(), queries, queries));
      }
      case Node.PerBatch per -> {
        if (per.rows().size() != shape.batch()) {
          throw new IllegalArgumentException(
              Printer.brief(node)
                  + " has masks for "
                  + per.rows().size()
                  + " batch rows, but the mask has "
                  + shape.batch());
        }
        per.rows().forEach(row -> check(row, shape));
      }
      case Node.PerHead per -> {
        if (per.heads().size() != shape.heads()) {
          throw new IllegalArgumentException(
              Printer.brief(node)
                  + " has masks for "
                  + per.heads().size()
                  + " heads, but the mask has "
                  + shape.heads());
        }
        per.heads().forEach(head -> check(head, shape));
      }
      default -> node.children().forEach(child -> check(child, shape));
    }
  }

  private static void cells(Node node, RowRuns rows, MaskShape shape) {
    if (rows.queries() != shape.queries() || rows.keys() != shape.keys()) {
      throw new IllegalArgumentException(
          Printer.brief(node)
              + " is "
              + rows.queries()
              + " x "
              + rows.keys()
              + ", but the mask is "
              + shape.queries()
              + " x "
              + shape.keys());
    }
  }

  private static void padding(Node.Padding padding, MaskShape shape) {
    rows(padding, padding.tokens().rowCount(), shape);
    int size = padding.who() == Node.Who.QUERIES ? shape.queries() : shape.keys();
    if (padding.who() == Node.Who.BOTH) {
      oneSequence(padding, shape);
    }
    switch (padding.tokens().over(size)) {
      case Tokens.Lengths lengths ->
          fits(padding, "length", lengths.lengths().max(), size, "tokens");
      case Tokens.Flags flags -> {
        if (flags.rows().get(0).size() != size) {
          throw describes(padding, flags.rows().get(0).size(), size);
        }
      }
      case Tokens.Digits digits -> throw new AssertionError("undecided digits " + digits);
    }
  }

  private static void aligned(Node node, Alignment alignment, MaskShape shape) {
    if (alignment instanceof Alignment.Unstated && shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          Printer.brief(node)
              + " over "
              + shape.queries()
              + " queries and "
              + shape.keys()
              + " keys must say where its diagonal lies: top-left, bottom-right or offset=n, as in"
              + " causal(bottom-right) or window(2,0; bottom-right)");
    }
    rows(node, rows(alignment), shape);
  }

  private static void rows(Node node, int rows, MaskShape shape) {
    if (rows != 1 && rows != shape.batch()) {
      throw new IllegalArgumentException(
          Printer.brief(node)
              + " describes "
              + rows
              + " batch rows, but the mask has "
              + shape.batch()
              + "; give one for each row, or one for all");
    }
  }

  private static void bits(Node node, List<Bits> rows, MaskShape shape) {
    rows(node, rows.size(), shape);
    tokens(node, rows.get(0).size(), shape);
  }

  private static void tokens(Node node, long tokens, MaskShape shape) {
    oneSequence(node, shape);
    if (tokens != shape.keys()) {
      throw describes(node, tokens, shape.keys());
    }
  }

  private static IllegalArgumentException describes(Node node, long described, int tokens) {
    return new IllegalArgumentException(
        Printer.brief(node) + " describes " + described + " tokens, but there are " + tokens);
  }

  private static void oneSequence(Node node, MaskShape shape) {
    if (shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          Printer.brief(node)
              + " describes the tokens of one sequence, so there must be as many queries as keys,"
              + " but there are "
              + shape.queries()
              + " queries and "
              + shape.keys()
              + " keys; key-padding and query-padding describe one side");
    }
  }

  private static void fits(Node node, String what, long value, int limit, String unit) {
    if (value > limit) {
      throw new IllegalArgumentException(
          Printer.brief(node)
              + ": "
              + what
              + " "
              + value
              + " is beyond the "
              + limit
              + " "
              + unit
              + " of the mask");
    }
  }
}
