package dev.sightline.repair.internal.plan;

import dev.sightline.mask.Mask;
import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.Parser;
import dev.sightline.mask.internal.expression.Printer;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.None;
import dev.sightline.mask.internal.kind.OfSample;
import dev.sightline.mask.internal.kind.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a mask says besides which tokens are padding. */
final class Structure {
  private static final Set<OfSample.Fact> PADDING =
      Set.of(
          OfSample.Fact.PADDING,
          OfSample.Fact.KEY_PADDING,
          OfSample.Fact.QUERY_PADDING,
          OfSample.Fact.LENGTH);

  private Structure() {}

  /**
   * The mask without the parts that are about padding; full if nothing else is left. Padded queries
   * in the place of padded keys, and later keys in the place of earlier ones, are a mask whose axes
   * were swapped as a whole: it was causal.
   */
  static Mask of(Mask mask) {
    List<Node> parts = parts(mask);
    if (parts.stream().anyMatch(Structure::isQueryPadding)
        && parts.stream().anyMatch(Structure::isLaterKeys)) {
      return Mask.causal();
    }
    Node rest = without(Parser.parse(mask.toString())).orElse(new Node.Leaf(new Full()));
    return Mask.parse(Printer.print(rest));
  }

  /** What holds together: the parts of an And, else the mask itself. */
  private static List<Node> parts(Mask mask) {
    Node node = Parser.parse(mask.toString());
    return node instanceof Node.And and ? and.parts() : List.of(node);
  }

  private static boolean isQueryPadding(Node node) {
    return node instanceof Node.Leaf leaf
        && leaf.kind() instanceof OfSample part
        && part.fact() == OfSample.Fact.QUERY_PADDING;
  }

  private static boolean isLaterKeys(Node node) {
    return node instanceof Node.Leaf leaf
        && leaf.kind() instanceof Window window
        && window.left() == 0
        && window.right() == Window.UNBOUNDED;
  }

  private static Optional<Node> without(Node node) {
    return switch (node) {
      case Node.Leaf leaf -> isPadding(leaf.kind()) ? Optional.empty() : Optional.of(leaf);
      case Node.Not not -> without(not.part()).map(Algebra::not);
      case Node.And and -> rest(and.parts()).map(Algebra::and);
      case Node.Or or -> rest(or.parts()).map(Algebra::or);
      default -> Optional.of(node);
    };
  }

  private static Optional<List<Node>> rest(List<Node> parts) {
    List<Node> rest = new ArrayList<>();
    parts.forEach(part -> without(part).ifPresent(rest::add));
    return rest.isEmpty() ? Optional.empty() : Optional.of(rest);
  }

  private static boolean isPadding(Kind kind) {
    return kind instanceof None || (kind instanceof OfSample part && PADDING.contains(part.fact()));
  }

  /** Whether the mask hides padded keys. */
  static boolean hidesPadding(Mask mask) {
    return parts(mask).stream()
        .anyMatch(part ->
            part instanceof Node.Leaf leaf
                && leaf.kind() instanceof OfSample of
                && (of.fact() == OfSample.Fact.PADDING || of.fact() == OfSample.Fact.KEY_PADDING));
  }

  /** Whether no query sees a later key. */
  static boolean isCausal(Mask mask) {
    return parts(mask).stream()
        .anyMatch(part -> part instanceof Node.Leaf leaf && isCausal(leaf.kind()));
  }

  private static boolean isCausal(Kind kind) {
    return switch (kind) {
      case Causal causal -> !isShifted(causal.diagonal());
      case Window window -> window.right() == 0 && !isShifted(window.diagonal());
      default -> false;
    };
  }

  private static boolean isShifted(Diagonal diagonal) {
    return diagonal.corner() == Diagonal.Corner.OFFSET && diagonal.offsets().max() > 0;
  }

  /** The mask, causal as well; a diagonal that is shifted gives way. */
  static Mask causal(Mask mask) {
    if (isCausal(mask)) {
      return mask;
    }
    List<Node> parts = new ArrayList<>();
    parts.add(new Node.Leaf(new Causal(Diagonal.UNSTATED)));
    for (Node part : parts(mask)) {
      boolean gone =
          part instanceof Node.Leaf leaf
              && (leaf.kind() instanceof Full || leaf.kind() instanceof Causal);
      if (!gone) {
        parts.add(part);
      }
    }
    return Mask.parse(Printer.print(Algebra.and(parts)));
  }

  /** The mask over real keys only. */
  static Mask overRealKeys(Mask mask) {
    Mask keys = Mask.parse("key-padding");
    return mask.equals(Mask.full()) ? keys : mask.and(keys);
  }
}
