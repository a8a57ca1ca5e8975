package dev.sightline.mask;

/**
 * What a token can depend on after several layers: the tokens its query may attend to, those which
 * they may attend to, and so on. The token itself is always among them, through the residual
 * stream. All heads of a layer count, since the output projection mixes them.
 */
final class Reach {
  private Reach() {}

  static Runs of(BoundMask mask, int batch, int token, int layers) {
    MaskShape shape = mask.shape();
    if (shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          "reachability through layers needs as many queries as keys, but the mask is " + shape);
    }
    if (layers < 0) {
      throw new IllegalArgumentException("layers must not be negative, but are " + layers);
    }
    if (token < 0 || token >= shape.keys()) {
      throw new IllegalArgumentException(
          "token " + token + " is out of range: there are " + shape.keys());
    }
    Runs reached = Runs.wrap(new int[] {token, token + 1});
    Runs fresh = reached;
    for (int layer = 0; layer < layers && !fresh.isEmpty(); layer++) {
      RunSet next = new RunSet();
      next.addAll(reached);
      for (int run = 0; run < fresh.count(); run++) {
        for (int h = 0; h < mask.mask().heads(); h++) {
          next.addAll(mask.union(batch, h, fresh.start(run), fresh.end(run)));
        }
      }
      Runs now = next.toRuns();
      fresh = minus(now, reached);
      reached = now;
    }
    return reached;
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
