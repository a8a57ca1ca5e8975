package dev.sightline.audit.internal.recover;

import dev.sightline.tensor.FloatTensor;
import java.util.BitSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which cells of a head are forbidden, from scores that are the mask and the bias alone.
 *
 * <p>A fill is a step: below what allowed keys have there is nothing for at least {@link #GAP},
 * whereas a bias such as ALiBi's or T5's goes down little by little, however far. The weights after
 * the Softmax count where there are no scores, and where something after the Softmax forbids.
 */
final class CellReader {
  /** A score that is lower by this has a weight of less than 2e-35 of the other. */
  static final double GAP = 80;

  /** A score that is lower by this and has a weight of 0 was not rounded to 0, even in float16. */
  private static final double ROUNDED = 15;

  /** Different scores of a mask and a bias; more of them are content. */
  private static final int MOST_DIFFERENT = 1 << 16;

  /** A mask alone has a value for allowed keys and one or two fills, and their sums. */
  private static final int FEW = 5;

  private CellReader() {}

  /**
   * The allowed cells {@code [Lq, Lk]} of a row of the batch and a head.
   *
   * @param weak whether a step of 1 is a fill as well, where there are few different scores: what a
   *     fill that is too weak was meant to forbid
   * @param scores {@code [B, H, Lq, Lk]}; null if there are none
   * @param weights {@code [B, H, Lq, Lk]}; null if there are none
   */
  static BitSet allowed(
      boolean weak,
      @Nullable FloatTensor scores,
      @Nullable FloatTensor weights,
      int row,
      int head) {
    BitSet allowed = new BitSet();
    double least = scores == null ? 0 : leastAllowed(weak, scores, row, head);
    FloatTensor sizes = scores != null ? scores : weights;
    if (sizes == null) {
      return allowed;
    }
    int queries = sizes.shape().dim(2);
    int keys = sizes.shape().dim(3);
    for (int q = 0; q < queries; q++) {
      double most = scores == null ? 0 : most(scores, row, head, q);
      for (int k = 0; k < keys; k++) {
        boolean may = true;
        double below = 0;
        if (scores != null) {
          double score = scores.data()[scores.offset(row, head, q) + k];
          may = score >= least; // false for NaN
          below = most - score;
        }
        if (may && weights != null) {
          float weight = weights.data()[weights.offset(row, head, q) + k];
          may = weight != 0 || below > ROUNDED;
        }
        allowed.set(q * keys + k, may);
      }
    }
    return allowed;
  }

  private static double most(FloatTensor scores, int row, int head, int query) {
    double most = Double.NEGATIVE_INFINITY;
    int from = scores.offset(row, head, query);
    for (int k = 0; k < scores.shape().dim(3); k++) {
      double score = scores.data()[from + k];
      most = score > most ? score : most;
    }
    return most;
  }

  /**
   * The lowest score of an allowed cell: above the first step down. All are fills if even the
   * highest is as low as one.
   */
  private static double leastAllowed(boolean weak, FloatTensor scores, int row, int head) {
    TreeSet<Float> different = new TreeSet<>();
    int queries = scores.shape().dim(2);
    int keys = scores.shape().dim(3);
    for (int q = 0; q < queries; q++) {
      int from = scores.offset(row, head, q);
      for (int k = 0; k < keys && different.size() < MOST_DIFFERENT; k++) {
        float score = scores.data()[from + k];
        if (Float.isFinite(score)) {
          different.add(score);
        }
      }
    }
    if (different.isEmpty() || different.last() < -FILL) {
      return Double.POSITIVE_INFINITY;
    }
    double gap = weak && different.size() <= FEW ? 1 : GAP;
    double above = different.last();
    for (float score : different.descendingSet()) {
      if (above - score >= gap) {
        return above;
      }
      above = score;
    }
    return different.first();
  }

  /** A sample in which every score is below this has no allowed cell. */
  private static final double FILL = 1000;
}
