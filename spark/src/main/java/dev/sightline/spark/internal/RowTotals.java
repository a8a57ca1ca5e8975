package dev.sightline.spark.internal;

import java.io.Serializable;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of all rows together. It does not depend on the order in which they are added.
 *
 * @param difference the largest absolute difference of an output value; NaN if one is not finite
 * @param cosine the lowest cosine of embeddings; null if there is none
 * @param noise the largest noise of a row
 * @param magnitude the largest output value that noise was measured at
 */
record RowTotals(double difference, @Nullable Double cosine, double noise, double magnitude)
    implements Serializable {
  static final RowTotals NONE = new RowTotals(0, null, 0, 0);

  static RowTotals of(Iterator<RowFinding> rows) {
    RowTotals all = NONE;
    while (rows.hasNext()) {
      RowFinding next = rows.next();
      all =
          all.with(new RowTotals(next.difference(), next.cosine(), next.noise(), next.magnitude()));
    }
    return all;
  }

  RowTotals with(RowTotals other) {
    return new RowTotals(
        Math.max(difference, other.difference), // keeps NaN
        lower(cosine, other.cosine),
        Math.max(noise, other.noise),
        Math.max(magnitude, other.magnitude));
  }

  private static @Nullable Double lower(@Nullable Double a, @Nullable Double b) {
    return a == null || (b != null && b < a) ? b : a;
  }
}
