package dev.sightline.spark.internal;

import dev.sightline.audit.internal.probe.RowComparison.RowDifference;
import dev.sightline.audit.result.BatchRule;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.data.Sample;
import java.io.Serializable;
import java.util.Comparator;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * What a task found of one row: how a batch changed it, or why it was passed over.
 *
 * @param row its id, or its line
 * @param line its number in the data set
 * @param tokens how many it has; 0 if it was passed over
 * @param batch which batch of which shard it was compared in
 * @param reason why it was passed over; null if it was compared
 * @param compared how many vectors were compared
 * @param difference the largest absolute difference of an output value; NaN if one is not finite
 * @param cosine the lowest cosine of its embeddings; null if there is none
 * @param noise what full-length others change
 * @param magnitude the largest output value that the noise was measured at
 */
public record RowFinding(
    String row,
    long line,
    int tokens,
    Batch batch,
    @Nullable String reason,
    long compared,
    double difference,
    @Nullable Double cosine,
    double noise,
    double magnitude)
    implements Serializable {
  /** In the order of the data set. */
  static final Comparator<RowFinding> BY_LINE = new ByLine();

  private static final class ByLine implements Comparator<RowFinding>, Serializable {
    private static final long serialVersionUID = 1L;

    @Override
    public int compare(RowFinding a, RowFinding b) {
      return Long.compare(a.line(), b.line());
    }
  }

  /**
   * A batch.
   *
   * @param shard counted from 0
   * @param number in the shard, counted from 1
   */
  public record Batch(int shard, int number) implements Serializable {
    /** Of a row that was passed over. */
    static final Batch NONE = new Batch(0, 0);
  }

  static RowFinding compared(String row, Sample sample, Batch batch, RowDifference found) {
    return new RowFinding(
        row,
        sample.number(),
        sample.streams().isEmpty() ? 0 : sample.length(0),
        batch,
        null,
        found.compared(),
        found.difference(),
        found.cosine().isPresent() ? found.cosine().getAsDouble() : null,
        found.noise(),
        found.magnitude());
  }

  static RowFinding passed(String row, long line, String reason) {
    return new RowFinding(row, line, 0, Batch.NONE, reason, 0, 0, null, 0, 0);
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
