package dev.sightline.mask.internal.check;

import dev.sightline.mask.internal.band.RunBounds;
import dev.sightline.mask.internal.band.RunSet;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.expression.Bound;
import java.util.List;

/**
 * What a token can depend on after several layers: the keys its query may attend to, those that
 * they may attend to, and so on. The token itself is always among them, through the residual
 * stream. All heads of a layer count, since the output projection mixes them.
 */
public final class Reach {
  private Reach() {}

  /**
   * Through a number of layers of one mask: only what is new has to be followed further.
   *
   * @return the tokens as run bounds
   * @throws IllegalArgumentException if the mask is not square, or an argument is out of range
   */
  public static int[] of(Bound mask, int batch, int token, int layers) {
    Bound.checkIndex("batch row", batch, mask.sizes().batch());
    check(mask, token);
    if (layers < 0) {
      throw new IllegalArgumentException("layers must not be negative, but are " + layers);
    }
    int[] reached = {token, token + 1};
    int[] fresh = reached;
    for (int layer = 0; layer < layers && fresh.length > 0; layer++) {
      int[] now = seenFrom(mask, batch, fresh, reached);
      fresh = RunBounds.minus(now, reached);
      reached = now;
    }
    return reached;
  }

  /**
   * Through layers of masks of their own, in the order in which they run; the walk back begins at
   * the last one.
   *
   * @return the tokens as run bounds
   * @throws IllegalArgumentException if the masks differ in size or are not square, or an argument
   *     is out of range
   */
  public static int[] of(List<Bound> layers, int batch, int token) {
    int[] reached = {token, token + 1};
    for (Bound mask : layers.reversed()) {
      check(mask, token);
      Difference.requireSameSizes(mask, layers.get(0));
      reached = seenFrom(mask, batch, reached, reached);
    }
    return reached;
  }

  private static void check(Bound mask, int token) {
    Sizes sizes = mask.sizes();
    if (!sizes.square()) {
      throw new IllegalArgumentException(
          "reachability through layers needs as many queries as keys, but the mask is " + sizes);
    }
    Bound.checkIndex("token", token, sizes.keys());
  }

  private static int[] seenFrom(Bound mask, int batch, int[] viewers, int[] already) {
    RunSet seen = new RunSet();
    seen.addAll(already);
    for (int run = 0; run < viewers.length; run += 2) {
      for (int h = 0; h < mask.heads(); h++) {
        seen.addAll(mask.union(batch, h, viewers[run], viewers[run + 1]));
      }
    }
    return seen.toBounds();
  }
}
