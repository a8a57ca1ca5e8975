package dev.sightline.lab.internal.policy;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/** The mask over all tokens of a batch, and the parts of it that a run with a cache needs. */
final class JointMask {
  private final int batch;
  private final int tokens;
  private final boolean[] cells;

  /** Takes a mask of {@code [B, 1, L, L]}. */
  JointMask(Mask mask, int batch, int tokens) {
    this.batch = batch;
    this.tokens = tokens;
    this.cells =
        BooleanMask.of(mask.over(new MaskShape(batch, 1, tokens, tokens)), Polarity.TRUE_ATTENDS);
  }

  /** {@return bool {@code [B, 1, queries, keys]}: the cells of these tokens} */
  Tensor of(int[] queries, int[] keys) {
    boolean[] part = new boolean[batch * queries.length * keys.length];
    int at = 0;
    for (int row = 0; row < batch; row++) {
      for (int query : queries) {
        int start = (row * tokens + query) * tokens;
        for (int key : keys) {
          part[at++] = cells[start + key];
        }
      }
    }
    return Tensor.create(part, batch, 1, queries.length, keys.length);
  }

  /** {@return the mask of all tokens} */
  Tensor all() {
    int[] every = range(0, tokens);
    return of(every, every);
  }

  /** {@return the numbers from {@code from} to {@code to}, exclusive} */
  static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  static int[] both(int[] first, int[] second) {
    return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
  }
}
