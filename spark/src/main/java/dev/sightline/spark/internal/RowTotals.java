package dev.sightline.spark.internal;

import java.io.Serializable;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What is known of all rows together. It does not depend on the order in which they are added.
 *
 * @param rows that were compared
 * @param tokens of them
 * @param longest with the most tokens; null if there is no row
 * @param shortest the fewest tokens of a row
 * @param worst with the largest difference of an output value
 * @param farthest with the lowest cosine of embeddings
 * @param noisiest with the largest noise
 * @param largest with the largest output value that noise was measured at
 */
public record RowTotals(
    long rows,
    long tokens,
    @Nullable RowFinding longest,
    int shortest,
    @Nullable RowFinding worst,
    @Nullable RowFinding farthest,
    @Nullable RowFinding noisiest,
    @Nullable RowFinding largest)
    implements Serializable {
  static final RowTotals NONE =
      new RowTotals(0, 0, null, Integer.MAX_VALUE, null, null, null, null);

  /** Of equal rows the one with the lowest number. */
  private static final Comparator<RowFinding> FIRST =
      Comparator.comparingLong(RowFinding::line).reversed();

  static RowTotals of(Iterator<RowFinding> rows) {
    RowTotals all = NONE;
    while (rows.hasNext()) {
      RowFinding next = rows.next();
      if (next.reason() == null) {
        all =
            all.with(new RowTotals(1, next.tokens(), next, next.tokens(), next, next, next, next));
      }
    }
    return all;
  }

  RowTotals with(RowTotals other) {
    return new RowTotals(
        rows + other.rows,
        tokens + other.tokens,
        most(longest, other.longest, Comparator.comparingInt(RowFinding::tokens)),
        Math.min(shortest, other.shortest),
        most(worst, other.worst, Comparator.comparingDouble(RowFinding::difference)), // NaN is more
        most(farthest, other.farthest, Comparator.comparingDouble(row -> -cosine(row))),
        most(noisiest, other.noisiest, Comparator.comparingDouble(RowFinding::noise)),
        most(largest, other.largest, Comparator.comparingDouble(RowFinding::magnitude)));
  }

  private static @Nullable RowFinding most(
      @Nullable RowFinding a, @Nullable RowFinding b, Comparator<RowFinding> order) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    return order.thenComparing(FIRST).compare(a, b) >= 0 ? a : b;
  }

  private static double cosine(RowFinding row) {
    Double cosine = row.cosine();
    return cosine == null ? Double.POSITIVE_INFINITY : cosine;
  }

  /** Returns the largest absolute difference of an output value; NaN if one is not finite. */
  double difference() {
    return worst == null ? 0 : worst.difference();
  }

  /** Returns the lowest cosine of embeddings; null if there is none. */
  @Nullable Double cosine() {
    return farthest == null ? null : farthest.cosine();
  }

  double noise() {
    return noisiest == null ? 0 : noisiest.noise();
  }

  double magnitude() {
    return largest == null ? 0 : largest.magnitude();
  }

  /** Returns the most tokens of a row. */
  int mostTokens() {
    return longest == null ? 0 : longest.tokens();
  }

  /** Returns the batches that decide the verdict on all rows. */
  Set<RowFinding.Batch> decisive() {
    return Stream.of(worst, farthest, noisiest, largest, longest)
        .filter(Objects::nonNull)
        .map(RowFinding::batch)
        .collect(Collectors.toSet());
  }
}
