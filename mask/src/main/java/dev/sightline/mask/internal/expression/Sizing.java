package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.kind.Fit;
import java.util.List;
import java.util.OptionalInt;

/** What sizes an expression names by itself, and whether it fits the sizes it is bound to. */
public final class Sizing {
  private Sizing() {}

  /** The number of batch rows an expression tells apart, 1 where all are alike. */
  public static int batchRows(Node node) {
    int own =
        switch (node) {
          case Node.Leaf leaf -> leaf.kind().batchRows();
          case Node.Cached cached -> cached.prefix().count();
          case Node.PerBatch per -> per.rows().size();
          default -> 1;
        };
    for (Node child : node.children()) {
      own = Math.max(own, batchRows(child));
    }
    return own;
  }

  /** The number of heads an expression tells apart, 1 where all are alike. */
  public static int heads(Node node) {
    int own = node instanceof Node.PerHead per ? per.heads().size() : 1;
    for (Node child : node.children()) {
      own = Math.max(own, heads(child));
    }
    return own;
  }

  /**
   * The number of keys that an expression names by itself: the exact number where it lists its
   * tokens, the smallest where it gives lengths, empty where it has no size of its own.
   */
  public static OptionalInt length(Node node) {
    if (node instanceof Node.Cached cached) {
      return OptionalInt.of(cached.prefix().size() + length(cached.suffix()).orElse(0));
    }
    OptionalInt own = node instanceof Node.Leaf leaf ? leaf.kind().length() : OptionalInt.empty();
    for (Node child : node.children()) {
      OptionalInt below = length(child);
      if (below.isPresent()) {
        own = OptionalInt.of(Math.max(own.orElse(0), below.getAsInt()));
      }
    }
    return own;
  }

  /** The number of cached tokens in front of the tokens of the queries, 0 where none are cached. */
  public static int prefix(Node node) {
    if (node instanceof Node.Cached cached) {
      return cached.prefix().size();
    }
    return node.children().stream().mapToInt(Sizing::prefix).max().orElse(0);
  }

  /** The largest number by which an expression without a size tells positions apart. */
  public static int largest(Node node) {
    int own = node instanceof Node.Leaf leaf ? leaf.kind().largest() : 0;
    for (Node child : node.children()) {
      own = Math.max(own, largest(child));
    }
    return own;
  }

  /** The names of the tokens where a part names them, otherwise none. */
  public static List<String> labels(Node node) {
    if (node instanceof Node.Leaf leaf) {
      return leaf.kind().labels();
    }
    // A step has other queries than its joint mask, so that the joint's names would not fit.
    if (node instanceof Node.Step || node instanceof Node.Cached) {
      return List.of();
    }
    for (Node child : node.children()) {
      List<String> labels = labels(child);
      if (!labels.isEmpty()) {
        return labels;
      }
    }
    return List.of();
  }

  /** How deep an expression is nested, 0 for a kind alone. */
  public static int depth(Node node) {
    int deepest = -1;
    for (Node child : node.children()) {
      deepest = Math.max(deepest, depth(child));
    }
    return deepest + 1;
  }

  /**
   * Checks that an expression fits its sizes.
   *
   * @throws IllegalArgumentException if it does not, quoting the part that does not fit
   */
  public static void check(Node node, Sizes sizes) {
    Fit fit = new Fit(sizes, () -> Printer.brief(node));
    switch (node) {
      case Node.Leaf leaf -> leaf.kind().check(fit);
      case Node.Step step -> {
        if (sizes.queries() > sizes.keys()) {
          throw fit.error(
              " is the last rows of a joint mask over all keys, so there cannot be more"
                  + " queries than keys, but there are "
                  + sizes.queries()
                  + " queries and "
                  + sizes.keys()
                  + " keys");
        }
        check(step.joint(), sizes.with(sizes.keys(), sizes.keys()));
      }
      case Node.Cached cached -> {
        fit.batchRows(cached.prefix().count());
        long expected = cached.prefix().size() + (long) sizes.queries();
        if (expected != sizes.keys()) {
          throw fit.error(
              " has a prefix of "
                  + cached.prefix().size()
                  + " tokens, so over "
                  + sizes.queries()
                  + " queries there must be "
                  + expected
                  + " keys, but there are "
                  + sizes.keys());
        }
        check(cached.suffix(), sizes.with(sizes.queries(), sizes.queries()));
      }
      case Node.PerBatch per -> each(fit, per.rows(), "batch rows", sizes.batch());
      case Node.PerHead per -> each(fit, per.heads(), "heads", sizes.heads());
      default -> node.children().forEach(child -> check(child, sizes));
    }
  }

  private static void each(Fit fit, List<Node> parts, String what, int expected) {
    if (parts.size() != expected) {
      throw fit.error(
          " has masks for " + parts.size() + " " + what + ", but the mask has " + expected);
    }
    parts.forEach(part -> check(part, fit.sizes()));
  }
}
