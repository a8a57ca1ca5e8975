package dev.sightline.mask.internal.recover;

import dev.sightline.mask.internal.expression.Algebra;
import dev.sightline.mask.internal.expression.Node;
import dev.sightline.mask.internal.kind.Causal;
import dev.sightline.mask.internal.kind.Diagonal;
import dev.sightline.mask.internal.kind.Dilated;
import dev.sightline.mask.internal.kind.Full;
import dev.sightline.mask.internal.kind.Kind;
import dev.sightline.mask.internal.kind.None;
import dev.sightline.mask.internal.kind.Window;
import java.util.List;
import java.util.NavigableSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Masks in which only the distance j - i counts: full, causal, windows of every size, and every
 * n-th key of them. All cells of a distance must agree; then the mask is read off the distances.
 */
final class DiagonalFit {
  private final Diagonal diagonal;
  private final TreeSet<Integer> allowed = new TreeSet<>();
  private final TreeSet<Integer> forbidden = new TreeSet<>();

  /**
   * Collects the distances.
   *
   * @param counts which cells count
   */
  DiagonalFit(CellSets cells, Diagonal diagonal, CellSets.Choice counts) {
    this.diagonal = diagonal;
    for (Observation observation : cells.observations()) {
      int queries = observation.facts().queries();
      int keys = observation.facts().keys();
      int offset = diagonal.corner() == Diagonal.Corner.BOTTOM_RIGHT ? keys - queries : 0;
      for (int q = 0; q < queries; q++) {
        for (int k = 0; k < keys; k++) {
          if (counts.contains(observation, q, k)) {
            (observation.isAllowed(q, k) ? allowed : forbidden).add(k - q - offset);
          }
        }
      }
    }
  }

  /** Distances of which some cells are allowed and some are not. */
  boolean isConsistent() {
    return allowed.stream().noneMatch(forbidden::contains);
  }

  /** Distances that were seen to be allowed at least once. */
  NavigableSet<Integer> allowed() {
    return allowed;
  }

  NavigableSet<Integer> forbidden() {
    return forbidden;
  }

  /** The mask that allows exactly the allowed distances; null if there is none in the language. */
  @Nullable Node fit() {
    if (!isConsistent()) {
      return null;
    }
    if (forbidden.isEmpty()) {
      return leaf(new Full());
    }
    if (allowed.isEmpty()) {
      return leaf(new None());
    }
    int low = allowed.first();
    int high = allowed.last();
    Node interval = interval(low, high);
    if (forbidden.subSet(low, high).isEmpty()) {
      return interval;
    }
    int step = allowed.stream().mapToInt(Math::abs).reduce(0, DiagonalFit::divisor);
    boolean regular =
        step > 1
            && diagonal.corner() == Diagonal.Corner.UNSTATED
            && forbidden.subSet(low, high).stream().noneMatch(d -> d % step == 0);
    if (!regular || interval == null) {
      return null;
    }
    Node dilated = leaf(new Dilated(step));
    return interval.equals(leaf(new Full())) ? dilated : Algebra.and(List.of(interval, dilated));
  }

  private static int divisor(int a, int b) {
    return b == 0 ? a : divisor(b, a % b);
  }

  private @Nullable Node interval(int low, int high) {
    boolean left = forbidden.lower(low) != null;
    boolean right = forbidden.higher(high) != null;
    if (!left && !right) {
      return leaf(new Full());
    }
    if (!left) {
      return causal(high);
    }
    if (low > 0) {
      return null;
    }
    if (!right) {
      return leaf(new Window(-low, Window.UNBOUNDED, diagonal));
    }
    if (high > 0) {
      return leaf(new Window(-low, high, diagonal));
    }
    Node causal = causal(high);
    return causal == null
        ? null
        : Algebra.and(List.of(causal, leaf(new Window(-low, 0, diagonal))));
  }

  private @Nullable Node causal(int offset) {
    if (offset == 0) {
      return leaf(new Causal(diagonal));
    }
    // A corner and an offset cannot both be said.
    return diagonal.corner() == Diagonal.Corner.BOTTOM_RIGHT
        ? null
        : leaf(new Causal(Diagonal.offset(offset)));
  }

  static Node leaf(Kind kind) {
    return new Node.Leaf(kind);
  }
}
