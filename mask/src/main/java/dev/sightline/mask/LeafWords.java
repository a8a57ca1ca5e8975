package dev.sightline.mask;

import java.util.List;

/** What a single kind of mask says of a pair, in words. */
final class LeafWords {
  private LeafWords() {}

  static String of(Node node, MaskShape shape, Cell cell, boolean allowed) {
    int i = cell.query();
    int j = cell.key();
    return switch (node) {
      case Node.Full full -> "every pair is allowed";
      case Node.Nothing nothing -> "no pair is allowed";
      case Node.Causal causal -> {
        int at = i + offset(causal.alignment(), shape, cell);
        yield "query "
            + i
            + stands(i, at)
            + " sees keys up to "
            + at
            + ", and key "
            + j
            + (allowed ? " is one" : " comes after");
      }
      case Node.Window window -> {
        long at = i + (long) offset(window.alignment(), shape, cell);
        yield "query "
            + i
            + stands(i, at)
            + " sees "
            + (window.left() == Mask.UNBOUNDED ? "all keys" : window.left())
            + " to the left and "
            + (window.right() == Mask.UNBOUNDED ? "all keys" : window.right())
            + " to the right, and key "
            + j
            + (j == at
                ? " is its own"
                : " is " + Math.abs(at - j) + " to the " + (j < at ? "left" : "right"));
      }
      case Node.Chunk chunk -> {
        int pad = chunk.leftPadding().ofRow(cell.batch());
        yield i < pad || j < pad
            ? (i < pad ? "query " + i : "key " + j) + " is in the left padding of " + pad
            : "query "
                + i
                + " is in chunk "
                + (i - pad) / chunk.size()
                + ", key "
                + j
                + " in chunk "
                + (j - pad) / chunk.size();
      }
      case Node.Prefix prefix -> {
        int length = prefix.lengths().ofRow(cell.batch());
        int at = i + offset(prefix.alignment(), shape, cell);
        yield j < length
            ? "key " + j + " is in the prefix of " + length
            : "key "
                + j
                + " is not in the prefix of "
                + length
                + (allowed ? ", but not after query " : ", and comes after query ")
                + i
                + stands(i, at);
      }
      case Node.Padding padding -> padding(padding, shape, cell);
      case Node.Documents documents ->
          "query "
              + i
              + " is in "
              + document(documents.queries(), i)
              + ", key "
              + j
              + " in "
              + document(documents.keys(), j);
      case Node.SameId same ->
          "query "
              + i
              + " has id "
              + same.ids().get(i)
              + ", key "
              + j
              + " has id "
              + same.ids().get(j)
              + (same.islands() && same.ids().get(i) == 0 ? ", and id 0 is no island" : "");
      case Node.BlockCausal block -> {
        Bits bits = block.rows().get(block.rows().size() == 1 ? 0 : cell.batch());
        yield "query "
            + i
            + " is in block "
            + sum(bits, i)
            + ", key "
            + j
            + " in block "
            + sum(bits, j)
            + (allowed ? ", which is not later" : ", which is later");
      }
      case Node.RowCausal block -> {
        Bits bits = block.rows().get(block.rows().size() == 1 ? 0 : cell.batch());
        yield bits.get(i)
            ? "query "
                + i
                + " is a causal row, and key "
                + j
                + (allowed ? " is not after it" : " comes after it")
            : "query " + i + " is a bidirectional row, which sees every key";
      }
      case Node.Dilated dilated ->
          "key "
              + j
              + " is "
              + Math.abs(i - j)
              + " away from query "
              + i
              + ", which is "
              + (allowed ? "a" : "no")
              + " multiple of "
              + dilated.step();
      case Node.Global global ->
          !allowed
              ? "neither " + i + " nor " + j + " is a global token"
              : (contains(global.positions(), i) ? "query " + i : "key " + j)
                  + " is a global token";
      case Node.SharedPrefix shared ->
          "query " + i + " is in " + branch(shared, i) + ", key " + j + " in " + branch(shared, j);
      case Node.Tree tree ->
          "key "
              + j
              + " is "
              + (i == j ? "the query itself" : (allowed ? "an" : "no") + " ancestor of query " + i);
      case Node.Grouped grouped -> groups(grouped.groups(), cell, allowed);
      case Node.Preset preset -> of(preset.body(), shape, cell, allowed);
      case Node.Dense dense -> "the cell is " + (allowed ? "set" : "not set");
      case Node.Step step -> {
        int row = shape.keys() - shape.queries() + i;
        Cell joint = new Cell(cell.batch(), cell.head(), row, j);
        MaskShape square = new MaskShape(shape.batch(), shape.heads(), shape.keys(), shape.keys());
        List<Explanation.Reason> reasons =
            Explainer.explain(new Mask(step.joint()).over(square), joint).reasons();
        yield "query " + i + " is token " + row + " of the joint mask, where " + reasons.get(0);
      }
      case Node.Cached cached -> {
        int prefix = cached.prefix().get(0).size();
        yield j < prefix
            ? "key " + j + " is a " + (allowed ? "real" : "padded") + " token of the prefix"
            : "key "
                + j
                + " is token "
                + (j - prefix)
                + " of the suffix, whose mask "
                + (allowed ? "allows" : "forbids")
                + " it";
      }
      default -> allowed ? "allows it" : "forbids it";
    };
  }

  private static int offset(Alignment alignment, MaskShape shape, Cell cell) {
    return RuleCompiler.offset(alignment, shape.queries(), shape.keys(), cell.batch());
  }

  private static String stands(int query, long at) {
    return query == at ? "" : ", which stands at key " + at + ",";
  }

  private static String padding(Node.Padding padding, MaskShape shape, Cell cell) {
    boolean key =
        padding.who() != Node.Who.QUERIES
            && !real(padding.tokens(), cell.batch(), cell.key(), shape.keys());
    boolean query =
        padding.who() != Node.Who.KEYS
            && !real(padding.tokens(), cell.batch(), cell.query(), shape.queries());
    if (key && query) {
      return "query " + cell.query() + " and key " + cell.key() + " are padding";
    }
    if (key || query) {
      return (key ? "key " + cell.key() : "query " + cell.query()) + " is padding";
    }
    return switch (padding.who()) {
      case BOTH -> "query " + cell.query() + " and key " + cell.key() + " are real tokens";
      case KEYS -> "key " + cell.key() + " is a real token";
      case QUERIES -> "query " + cell.query() + " is a real token";
    };
  }

  private static boolean real(Tokens tokens, int batch, int at, int size) {
    return Runs.wrap(tokens.runs(batch, size)).contains(at);
  }

  private static int indexOf(Ints lengths, int at) {
    long end = 0;
    for (int d = 0; d < lengths.size(); d++) {
      end += lengths.get(d);
      if (at < end) {
        return d;
      }
    }
    return -1;
  }

  private static String document(Ints lengths, int at) {
    int document = indexOf(lengths, at);
    return document < 0 ? "no document" : "document " + document;
  }

  private static String branch(Node.SharedPrefix shared, int at) {
    if (at < shared.prefix()) {
      return "the prefix";
    }
    int branch = indexOf(shared.branches(), at - shared.prefix());
    return branch < 0 ? "no branch" : "branch " + branch;
  }

  private static int sum(Bits bits, int upTo) {
    int sum = 0;
    for (int at = bits.nextSet(0); at <= upTo && at < bits.size(); at = bits.nextSet(at + 1)) {
      sum++;
    }
    return sum;
  }

  private static boolean contains(Ints values, int wanted) {
    for (int at = 0; at < values.size(); at++) {
      if (values.get(at) == wanted) {
        return true;
      }
    }
    return false;
  }

  private static String groups(Groups groups, Cell cell, boolean allowed) {
    Ints sizes = Ints.of(groups.segments().stream().mapToInt(Groups.Segment::size).toArray());
    String viewer = groups.segments().get(indexOf(sizes, cell.query())).name();
    String seen = groups.segments().get(indexOf(sizes, cell.key())).name();
    String who = viewer + " (query " + cell.query() + ")";
    String whom = viewer.equals(seen) ? "itself" : seen + " (key " + cell.key() + ")";
    if (allowed) {
      return who + " sees " + whom;
    }
    return groups.canSee(viewer, seen)
        ? who + " is causal inside, and key " + cell.key() + " comes after it"
        : who + " does not see " + whom;
  }
}
