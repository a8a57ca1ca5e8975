package dev.sightline.spark.internal;

import dev.sightline.audit.internal.probe.RowComparison.RowDifference;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Verdict.Outcome;
import java.io.Serializable;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a task found of one row: how a batch changed it, or why it was passed over.
 *
 * @param row its id, or its line
 * @param reason why it was passed over; null if it was compared
 * @param compared how many vectors were compared
 * @param difference the largest absolute difference of an output value; NaN if one is not finite
 * @param cosine the lowest cosine of its embeddings; null if there is none
 * @param noise what full-length others change
 * @param magnitude the largest output value that the noise was measured at
 */
public record RowFinding(
    String row,
    @Nullable String reason,
    long compared,
    double difference,
    @Nullable Double cosine,
    double noise,
    double magnitude)
    implements Serializable {

  static RowFinding compared(String row, RowDifference found) {
    return new RowFinding(
        row,
        null,
        found.compared(),
        found.difference(),
        found.cosine().isPresent() ? found.cosine().getAsDouble() : null,
        found.noise(),
        found.magnitude());
  }

  static RowFinding passed(String row, String reason) {
    return new RowFinding(row, reason, 0, 0, null, 0, 0);
  }

  /** Returns the verdict on the row. */
  Outcome outcome(BatchRule rule) {
    if (reason != null) {
      return Outcome.NO_DATA;
    }
    return compared == 0
        ? Outcome.NOT_APPLICABLE
        : rule.outcome(
            difference, cosine == null ? OptionalDouble.empty() : OptionalDouble.of(cosine));
  }
}
