package dev.sightline.spark.internal;

import dev.sightline.data.MaskPolarity;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.TokenAggregation;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What every task of a run is told.
 *
 * @param bundle the name under which Spark distributes the model's files
 * @param bundleSha256 of that file
 * @param modelName the model's name in the statistics
 * @param modelSha256 of the model
 * @param metrics what is measured
 * @param maxTokens 0 for what the model takes
 * @param polarity null for what the model shows
 * @param data the name of the data set
 * @param json whether rows are JSON objects, and not plain texts
 * @param named whether rows have ids of their own
 * @param trial the first rows of the data set, of which some can be used
 */
public record HeadsTask(
    String bundle,
    String bundleSha256,
    String modelName,
    String modelSha256,
    Set<HeadMetric> metrics,
    TokenAggregation aggregation,
    int maxTokens,
    long padId,
    @Nullable MaskPolarity polarity,
    long seed,
    boolean strict,
    String data,
    boolean json,
    boolean named,
    List<NumberedText> trial)
    implements Serializable {

  OptionalInt longest() {
    return maxTokens == 0 ? OptionalInt.empty() : OptionalInt.of(maxTokens);
  }

  Optional<MaskPolarity> givenPolarity() {
    return Optional.ofNullable(polarity);
  }
}
