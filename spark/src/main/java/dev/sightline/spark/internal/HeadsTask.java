package dev.sightline.spark.internal;

import dev.sightline.data.internal.row.NumberedText;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.TokenAggregation;
import java.io.Serializable;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What every task of a run is told.
 *
 * @param modelName the model's name in the statistics
 * @param metrics what is measured
 * @param maxTokens 0 for what the model takes
 * @param trial the first rows of the data set, of which some can be used
 */
public record HeadsTask(
    SentModel model,
    RowForm rows,
    String modelName,
    Set<HeadMetric> metrics,
    TokenAggregation aggregation,
    int maxTokens,
    long seed,
    boolean strict,
    List<NumberedText> trial)
    implements Serializable {

  OptionalInt longest() {
    return maxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(maxTokens);
  }
}
