package dev.sightline.audit.internal.declared;

import dev.sightline.data.internal.batch.TokenAxis;
import dev.sightline.mask.BoundMask;
import dev.sightline.onnx.inventory.AttentionSite;
import org.jspecify.annotations.Nullable;

/**
 * An attention of the model, which tokens it is about, and the mask that is declared for it.
 *
 * @param axes its queries and keys; null if they cannot be told
 * @param mask over {@code [samples, H, Lq, Lk]}; null if none is declared
 * @param whyNotReadable why its probabilities cannot be judged; empty if they can
 */
record DeclaredAttention(
    AttentionSite site,
    TokenAxis.@Nullable Pair axes,
    @Nullable BoundMask mask,
    String whyNotReadable) {

  boolean isReadable() {
    return whyNotReadable.isEmpty();
  }

  /** The keys that each query may attend to in a batch row and head, {@code [Lq, Lk]}. */
  static boolean[] cells(BoundMask mask, int sample, int head) {
    int keys = mask.shape().keys();
    boolean[] cells = new boolean[mask.shape().queries() * keys];
    mask.rows(
        sample,
        head,
        0,
        mask.shape().queries(),
        (query, bounds, runs) -> {
          for (int run = 0; run < runs; run++) {
            java.util.Arrays.fill(
                cells, query * keys + bounds[2 * run], query * keys + bounds[2 * run + 1], true);
          }
        });
    return cells;
  }
}
