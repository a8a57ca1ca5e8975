package dev.sightline.data.internal.batch;

import java.util.ArrayList;
import java.util.List;

/**
 * Splits attentions so that what one run hands out of them stays small: probabilities {@code [B, H,
 * Lq, Lk]} of all layers of a model with 512 tokens a row are larger than the model.
 */
public final class TapGroups {
  /** Bytes that one run may hand out: 64 MB, of which the runtime and Java hold a copy each. */
  private static final long HELD = 64L << 20;

  private static final int LIKELY_HEADS = 16;

  private TapGroups() {}

  /**
   * Returns the sites in their order, as many together as one run may hand out.
   *
   * @param joint the tokens that the model is fed in a row
   * @param rows of the batch
   * @param tensors of the size of probabilities that are read of each site
   */
  public static <S> List<List<S>> of(List<S> sites, JointTokens joint, int rows, int tensors) {
    long tokens = Math.max(1, joint.size());
    long each = tokens * tokens * rows * LIKELY_HEADS * tensors * Float.BYTES;
    int atOnce = Math.clamp(HELD / each, 1, Math.max(1, sites.size()));
    List<List<S>> groups = new ArrayList<>();
    for (int from = 0; from < sites.size(); from += atOnce) {
      groups.add(sites.subList(from, Math.min(from + atOnce, sites.size())));
    }
    return groups;
  }
}
