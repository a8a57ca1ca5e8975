package dev.sightline.mask.internal.expression;

import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.Sizes;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the parts of an expression that decide about a pair: of {@code A & B}, the first part that
 * forbids, or all of them; of {@code A | B}, the first that allows, or all.
 */
public final class Explainer {
  /**
   * A part that decides.
   *
   * @param part its text form, cut for a message
   * @param words what it says about the pair
   * @param node the part itself
   */
  public record Reason(String part, String words, Node node) {
    @Override
    public String toString() {
      return part + ": " + words;
    }
  }

  private final Sizes sizes;
  private final Pair pair;
  private final Compiler compiler = new Compiler();

  private Explainer(Sizes sizes, Pair pair) {
    this.sizes = sizes;
    this.pair = pair;
  }

  /** The deciding parts, at least one. */
  public static List<Reason> explain(Bound mask, Pair pair) {
    return new Explainer(mask.sizes(), pair).reasons(mask.node(), mask.allowed(pair));
  }

  private boolean allows(Node node) {
    return Bound.allowed(compiler.compile(node, sizes, pair.batch(), pair.head()), pair);
  }

  private List<Reason> reasons(Node node, boolean allowed) {
    return switch (node) {
      case Node.And and -> ofParts(and.parts(), allowed, false);
      case Node.Or or -> ofParts(or.parts(), allowed, true);
      case Node.Not not when hasParts(not.part()) ->
          reasons(not.part(), !allowed).stream()
              .map(r -> new Reason(r.part(), r.words() + ", and ! turns that around", r.node()))
              .toList();
      case Node.Not not -> List.of(reason(node, words(not.part(), !allowed) + ", turned around"));
      case Node.PerBatch per -> reasons(per.rows().get(pair.batch()), allowed);
      case Node.PerHead per -> reasons(per.heads().get(pair.head()), allowed);
      default -> List.of(reason(node, words(node, allowed)));
    };
  }

  private static boolean hasParts(Node node) {
    return node instanceof Node.And
        || node instanceof Node.Or
        || node instanceof Node.PerBatch
        || node instanceof Node.PerHead;
  }

  private static Reason reason(Node node, String words) {
    return new Reason(Printer.brief(node), words, node);
  }

  /** One part is enough where its answer is the whole's answer: a no in "and", a yes in "or". */
  private List<Reason> ofParts(List<Node> parts, boolean allowed, boolean decisive) {
    List<Reason> all = new ArrayList<>();
    for (Node part : parts) {
      boolean answer = allows(part);
      if (allowed == decisive && answer == decisive) {
        return reasons(part, answer);
      }
      if (allowed != decisive) {
        all.addAll(reasons(part, answer));
      }
    }
    return all;
  }

  private String words(Node node, boolean allowed) {
    return switch (node) {
      case Node.Leaf leaf -> leaf.kind().explain(sizes, pair, allowed);
      case Node.Step step -> step(step);
      case Node.Cached cached -> cached(cached, allowed);
      default -> throw new AssertionError("not a part that decides by itself: " + node);
    };
  }

  private String step(Node.Step step) {
    int row = sizes.keys() - sizes.queries() + pair.query();
    Pair joint = new Pair(pair.batch(), pair.head(), row, pair.key());
    Sizes square = sizes.with(sizes.keys(), sizes.keys());
    List<Reason> reasons = explain(new Bound(step.joint(), square), joint);
    return "query "
        + pair.query()
        + " is token "
        + row
        + " of the joint mask, where "
        + reasons.get(0);
  }

  private String cached(Node.Cached cached, boolean allowed) {
    int prefix = cached.prefix().size();
    int key = pair.key();
    return key < prefix
        ? "key " + key + " is a " + (allowed ? "real" : "padded") + " token of the prefix"
        : "key "
            + key
            + " is token "
            + (key - prefix)
            + " of the suffix, whose mask "
            + (allowed ? "allows" : "forbids")
            + " it";
  }
}
