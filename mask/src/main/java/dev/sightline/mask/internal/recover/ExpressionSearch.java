package dev.sightline.mask.internal.recover;

import static dev.sightline.mask.internal.recover.CellSets.and;
import static dev.sightline.mask.internal.recover.CellSets.meets;
import static dev.sightline.mask.internal.recover.CellSets.minus;
import static dev.sightline.mask.internal.recover.CellSets.or;
import static dev.sightline.mask.internal.recover.CellSets.within;

import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.recover.Candidates.Candidate;
import java.util.ArrayList;
import java.util.List;

/**
 * Tries candidates alone, in pairs and in threes. A part of an "and" must allow everything that is
 * allowed, a part of an "or" nothing else, and what is taken away nothing of it: so few of them are
 * left that trying all is quick.
 */
final class ExpressionSearch {
  private final List<Candidate> all;
  private final long[] wanted;
  private int cheapest = Integer.MAX_VALUE;
  private final List<Node> best = new ArrayList<>();

  /**
   * A search.
   *
   * @param target the cells that count
   * @param wanted those of them that are allowed
   */
  ExpressionSearch(List<Candidate> candidates, long[] target, long[] wanted) {
    this.wanted = wanted;
    all =
        candidates.stream()
            .map(c -> new Candidate(c.node(), c.cost(), and(c.set(), target)))
            .toList();
  }

  /** The expressions of least cost that allow exactly what is wanted. */
  List<Node> simplest() {
    List<Candidate> above = all.stream().filter(c -> within(wanted, c.set())).toList();
    List<Candidate> below = all.stream().filter(c -> within(c.set(), wanted)).toList();
    List<Candidate> apart = all.stream().filter(c -> !meets(c.set(), wanted)).toList();
    for (Candidate one : all) {
      offer(one);
    }
    for (Candidate one : above) {
      above.stream().filter(other -> isLater(one, other)).forEach(o -> offer(both(one, o)));
      apart.forEach(other -> offer(without(one, other)));
    }
    for (Candidate one : below) {
      below.stream().filter(other -> isLater(one, other)).forEach(o -> offer(either(one, o)));
    }
    if (best.isEmpty()) {
      threes(above, below, apart);
    }
    return best;
  }

  private boolean isLater(Candidate one, Candidate other) {
    return all.indexOf(one) < all.indexOf(other);
  }

  private void threes(List<Candidate> above, List<Candidate> below, List<Candidate> apart) {
    for (Candidate one : all) {
      for (Candidate other : all) {
        if (!isLater(one, other)) {
          continue;
        }
        Candidate either = either(one, other);
        if (within(wanted, either.set())) {
          above.forEach(third -> offer(both(third, either)));
          apart.forEach(third -> offer(without(either, third)));
        }
        Candidate both = both(one, other);
        if (within(both.set(), wanted)) {
          below.forEach(third -> offer(either(both, third)));
        }
        if (within(wanted, both.set())) {
          above.forEach(third -> offer(both(both, third)));
          apart.forEach(third -> offer(without(both, third)));
        }
        if (!meets(both.set(), wanted)) {
          above.forEach(third -> offer(without(third, both)));
        }
      }
    }
  }

  private static Candidate both(Candidate a, Candidate b) {
    return new Candidate(
        Algebra.and(List.of(a.node(), b.node())), a.cost() + b.cost(), and(a.set(), b.set()));
  }

  private static Candidate either(Candidate a, Candidate b) {
    return new Candidate(
        Algebra.or(List.of(a.node(), b.node())), a.cost() + b.cost(), or(a.set(), b.set()));
  }

  private static Candidate without(Candidate a, Candidate b) {
    return new Candidate(
        Algebra.and(List.of(a.node(), Algebra.not(b.node()))),
        a.cost() + b.cost(),
        minus(a.set(), b.set()));
  }

  private void offer(Candidate candidate) {
    if (candidate.cost() > cheapest
        || !within(candidate.set(), wanted)
        || !within(wanted, candidate.set())) {
      return;
    }
    if (candidate.cost() < cheapest) {
      cheapest = candidate.cost();
      best.clear();
    }
    if (!best.contains(candidate.node())) {
      best.add(candidate.node());
    }
  }
}
