package dev.sightline.mask;

import java.util.List;

/**
 * What a token can depend on after several layers: the tokens its query may attend to, those which
 * they may attend to, and so on. The token itself is always among them, through the residual
 * stream. All heads of a layer count, since the output projection mixes them.
 */
final class Reach {
  private Reach() {}

  /** Through so many layers of one mask: only what is new has to be looked from again. */
  static Runs of(BoundMask mask, int batch, int token, int layers) {
    check(mask, token);
    if (layers < 0) {
      throw new IllegalArgumentException("layers must not be negative, but are " + layers);
    }
    Runs reached = Runs.wrap(new int[] {token, token + 1});
    Runs fresh = reached;
    for (int layer = 0; layer < layers && !fresh.isEmpty(); layer++) {
      Runs now = seenFrom(mask, batch, fresh, reached);
      fresh = minus(now, reached);
      reached = now;
    }
    return reached;
  }

  /**
   * Through layers of masks of their own, in the order in which they run: the last one looks first.
   */
  static Runs of(List<BoundMask> layers, int batch, int token) {
    Runs reached = Runs.wrap(new int[] {token, token + 1});
    for (BoundMask mask : layers.reversed()) {
      check(mask, token);
      Comparison.requireSameShape(mask, layers.get(0));
      reached = seenFrom(mask, batch, reached, reached);
    }
    return reached;
  }

  private static void check(BoundMask mask, int token) {
    MaskShape shape = mask.shape();
    if (shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          "reachability through layers needs as many queries as keys, but the mask is " + shape);
    }
    if (token < 0 || token >= shape.keys()) {
      throw new IllegalArgumentException(
          "token " + token + " is out of range: there are " + shape.keys());
    }
  }

  private static Runs seenFrom(BoundMask mask, int batch, Runs viewers, Runs already) {
    RunSet seen = new RunSet();
    seen.addAll(already);
    for (int run = 0; run < viewers.count(); run++) {
      for (int h = 0; h < mask.mask().heads(); h++) {
        seen.addAll(mask.union(batch, h, viewers.start(run), viewers.end(run)));
      }
    }
    return seen.toRuns();
  }

  private static Runs minus(Runs all, Runs taken) {
    IntBuffer left = new IntBuffer();
    for (int run = 0, t = 0; run < all.count(); run++) {
      int at = all.start(run);
      while (t < taken.count() && taken.start(t) < all.end(run)) {
        if (at < taken.start(t)) {
          left.add(at);
          left.add(taken.start(t));
        }
        at = Math.max(at, taken.end(t));
        if (taken.end(t) > all.end(run)) {
          break;
        }
        t++;
      }
      if (at < all.end(run)) {
        left.add(at);
        left.add(all.end(run));
      }
    }
    return Runs.wrap(left.toArray());
  }
}
