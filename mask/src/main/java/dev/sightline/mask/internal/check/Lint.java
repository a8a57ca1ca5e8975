package dev.sightline.mask.internal.check;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Pair;
import dev.sightline.mask.internal.band.RangeMax;
import dev.sightline.mask.internal.band.RunBounds;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Bound;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.expression.Printer;
import dev.sightline.mask.internal.kind.Grouped;
import dev.sightline.mask.internal.kind.Kind.Trait;
import dev.sightline.mask.internal.kind.Policy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Looks for what is probably not meant. A leak is a pair that the whole allows although a part of
 * it forbids such pairs: {@code documents(4,3) | global(0)} names documents, and lets tokens of
 * other ones through. Parts below a {@code !} or after a {@code -} do not count.
 */
public final class Lint {
  /**
   * Something that is probably not meant.
   *
   * @param pair a pair that shows it
   * @param message what is wrong, in a sentence
   */
  public record Problem(Pair pair, String message) {}

  private static final int MOST_PARTS = 32;

  private final Bound mask;
  private final Sizes sizes;

  /** Looks at a mask over sizes. */
  public Lint(Bound mask) {
    this.mask = mask;
    this.sizes = mask.sizes();
  }

  /**
   * Queries that may attend to nothing, at most one of each batch row and head. Empty rows of
   * padding are as they should be: only tokens that others see count.
   */
  public List<Problem> emptyRows() {
    List<Problem> problems = new ArrayList<>();
    for (int b = 0; b < mask.batchRows(); b++) {
      int[] real = sizes.square() ? mask.realTokens(b) : RunBounds.all(sizes.queries());
      for (int h = 0; h < mask.heads(); h++) {
        int[] empty = mask.emptyRows(b, h);
        // A mask in which every row is empty has no real token, and is surely not meant.
        boolean all = sizes.queries() > 0 && RunBounds.positions(empty) == sizes.queries();
        int row = all ? 0 : RunBounds.firstCommon(empty, real);
        if (row >= 0) {
          String others =
              all ? ", and no other query may attend to anything" : ", though others attend to it";
          problems.add(
              new Problem(
                  new Pair(b, h, row, 0), "query " + row + " may attend to nothing" + others));
        }
      }
    }
    return problems;
  }

  /** Pairs with a padded token that are allowed past a part that takes padding out. */
  public List<Problem> paddingLeaks() {
    List<Problem> problems = new ArrayList<>();
    for (Node part : parts(Trait.PADDING)) {
      excess(part)
          .ifPresent(pair ->
              problems.add(
                  new Problem(
                      pair, Printer.brief(part) + " forbids it: a padded token takes part")));
    }
    return problems;
  }

  /**
   * Pairs of different documents that are allowed. Alternatives such as {@code documents(4,3) |
   * documents(3,4)} are meant: their union counts.
   */
  public List<Problem> documentLeaks() {
    List<Node> parts = parts(Trait.DOCUMENTS);
    if (parts.isEmpty()) {
      return List.of();
    }
    return excess(Algebra.or(parts))
        .map(pair ->
            new Problem(
                pair,
                Printer.brief(parts.get(0))
                    + " forbids it: the tokens are not in the same document"))
        .stream()
        .toList();
  }

  /** Later tokens that a query sees, at once or through another token. */
  public List<Problem> futureLeaks() {
    List<Problem> problems = new ArrayList<>(directFuture());
    if (sizes.square() && !parts(Trait.HIDES_LATER).isEmpty()) {
      for (int b = 0; b < mask.batchRows(); b++) {
        for (int h = 0; h < mask.heads(); h++) {
          indirectFuture(b, h).ifPresent(problems::add);
        }
      }
    }
    return problems;
  }

  /** Later tokens that neither the causal part allows nor one that is there to allow them. */
  private List<Problem> directFuture() {
    List<Problem> problems = new ArrayList<>();
    List<Node> meant = parts(Trait.SHOWS_LATER);
    for (Node causal : parts(Trait.CAUSAL)) {
      List<Node> allowing = new ArrayList<>(meant);
      allowing.add(causal);
      excess(Algebra.or(allowing))
          .ifPresent(pair ->
              problems.add(
                  new Problem(
                      pair,
                      Printer.brief(causal)
                          + " forbids it: key "
                          + pair.key()
                          + " comes after query "
                          + pair.query())));
    }
    return problems;
  }

  /**
   * A query that sees no later token, but sees one that does: what it must not see reaches it in
   * the second layer. This is how row-causal differs from block-causal.
   */
  private Optional<Problem> indirectFuture(int b, int h) {
    int[] last = new int[sizes.keys()];
    Arrays.fill(last, -1);
    for (Sweep sweep = mask.sweep(b, h); sweep.hasNext(); ) {
      Band band = sweep.next();
      for (int row = band.from(); !band.isEmpty() && row < sweep.end(band); row++) {
        last[row] = band.end(band.runs() - 1, row) - 1;
      }
    }
    RangeMax furthest = new RangeMax(last);
    for (Sweep sweep = mask.sweep(b, h); sweep.hasNext(); ) {
      Band band = sweep.next();
      for (int row = band.from(); row < sweep.end(band); row++) {
        for (int run = 0; last[row] <= row && run < band.runs(); run++) {
          int through = furthest.of(band.start(run, row), band.end(run, row));
          if (last[through] > row) {
            String message =
                "query "
                    + row
                    + " sees no later token, but sees token "
                    + through
                    + ", which sees token "
                    + last[through]
                    + ": two layers carry it back";
            return Optional.of(new Problem(new Pair(b, h, row, last[through]), message));
          }
        }
      }
    }
    return Optional.empty();
  }

  /** Segments that see a segment they must not, at once or through a third one. */
  public List<Problem> groupLeaks() {
    List<Problem> problems = new ArrayList<>();
    for (Node node : parts(Trait.SHOWS_LATER)) {
      if (node instanceof Node.Leaf leaf) {
        groupsOf(leaf)
            .ifPresent(groups -> {
              excess(node)
                  .ifPresent(
                      pair -> problems.add(new Problem(pair, groups.explain(sizes, pair, false))));
              problems.addAll(leaksThrough(groups));
            });
      }
    }
    return problems;
  }

  private static Optional<Grouped> groupsOf(Node.Leaf leaf) {
    return switch (leaf.kind()) {
      case Grouped groups -> Optional.of(groups);
      case Policy policy when policy.body() instanceof Grouped groups -> Optional.of(groups);
      default -> Optional.empty();
    };
  }

  private static List<Problem> leaksThrough(Grouped groups) {
    List<Problem> problems = new ArrayList<>();
    for (Grouped.Segment viewer : groups.segments()) {
      for (Grouped.Segment seen : groups.segments()) {
        if (viewer.size() > 0
            && seen.size() > 0
            && !groups.canSee(viewer.name(), seen.name())
            && groups.reachedFrom(viewer.name()).contains(seen.name())) {
          problems.add(
              new Problem(
                  new Pair(0, 0, groups.start(viewer), groups.start(seen)),
                  viewer.name()
                      + " does not see "
                      + seen.name()
                      + ", but sees others that do: later layers carry it over"));
        }
      }
    }
    return problems;
  }

  private Optional<Pair> excess(Node part) {
    return Difference.excess(mask, new Bound(part, sizes));
  }

  /** The parts of a trait, each once, and at most {@link #MOST_PARTS} of them. */
  private List<Node> parts(Trait trait) {
    List<Node> found = new ArrayList<>();
    find(mask.node(), trait, found);
    return found.stream().distinct().limit(MOST_PARTS).toList();
  }

  private static void find(Node node, Trait trait, List<Node> found) {
    switch (node) {
      case Node.Leaf leaf when leaf.kind().traits().contains(trait) -> found.add(leaf);
      case Node.And and -> and.parts().forEach(part -> find(part, trait, found));
      case Node.Or or -> or.parts().forEach(part -> find(part, trait, found));
      default -> {
        // What is inverted, or holds for some batch rows, heads or tokens only, is not named.
      }
    }
  }
}
