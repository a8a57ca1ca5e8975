package dev.sightline.heads.internal.metric;

import dev.sightline.tensor.FloatTensor;
import java.util.Locale;

/**
 * Whether the tensor that was taken for an attention's values is: weighted with its probabilities
 * they must sum to its context. Compared at every position of a real batch.
 */
final class ValueCheck {
  private ValueCheck() {}

  /**
   * Why the values are not identified; empty if they are.
   *
   * @param probabilities {@code [B, H, Lq, Lk]}
   * @param values {@code [B, KV, Lk, Dh]}, KV dividing H
   * @param context {@code [B, H, Lq, Dh]}
   */
  public static String why(FloatTensor probabilities, FloatTensor values, FloatTensor context) {
    int heads = probabilities.shape().dim(1);
    int queries = probabilities.shape().dim(2);
    int keys = probabilities.shape().dim(3);
    int size = context.shape().dim(3);
    boolean fits =
        values.shape().rank() == 4
            && values.shape().dim(0) == probabilities.shape().dim(0)
            && values.shape().dim(1) > 0
            && heads % values.shape().dim(1) == 0
            && values.shape().dim(2) == keys
            && values.shape().dim(3) == size;
    if (!fits) {
      return "its values are not identified: "
          + values.shape()
          + " does not go with probabilities "
          + probabilities.shape()
          + " and a context "
          + context.shape();
    }
    int group = heads / values.shape().dim(1);
    double difference = 0;
    double largest = 0;
    for (int row = 0; row < values.shape().dim(0); row++) {
      for (int head = 0; head < heads; head++) {
        for (int query = 0; query < queries; query++) {
          int given = context.offset(row, head, query, 0);
          int weights = probabilities.offset(row, head, query, 0);
          for (int d = 0; d < size; d++) {
            int value = values.offset(row, head / group, 0, d);
            double sum = 0;
            for (int k = 0; k < keys; k++) {
              sum += (double) probabilities.data()[weights + k] * values.data()[value + k * size];
            }
            // Not a maximum: NaN must not get lost.
            double here = Math.abs(sum - context.data()[given + d]);
            difference = here <= difference ? difference : here;
            largest = Math.max(largest, Math.abs(context.data()[given + d]));
          }
        }
      }
    }
    return difference <= ProjectionCheck.ALLOWED * largest
        ? ""
        : String.format(
            Locale.ROOT,
            "its values are not identified: they rebuild its context only to %.2g, relative;"
                + " expected %.0e",
            difference / largest,
            ProjectionCheck.ALLOWED);
  }
}
