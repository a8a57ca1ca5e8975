package dev.sightline.heads.internal.run;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import java.util.Collections;
import java.util.EnumSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What to measure, and of which samples.
 *
 * @param aggregation how the tokens of a sample become one value
 * @param metrics at least one
 * @param maxTokens where texts are cut off; empty for what the model takes
 * @param padId the token id of padding
 * @param shard the part of the data file to read
 * @param strict whether the first row that cannot be used ends the run
 * @param seed of the bootstrap
 */
public record HeadRunOptions(
    TokenAggregation aggregation,
    Set<HeadMetric> metrics,
    OptionalInt maxTokens,
    long padId,
    Shard shard,
    boolean strict,
    long seed) {
  public static final long DEFAULT_SEED = 20260724;

  public HeadRunOptions {
    if (metrics.isEmpty()) {
      throw new IllegalArgumentException("there must be a metric to measure");
    }
    metrics = Collections.unmodifiableSet(EnumSet.copyOf(metrics));
  }
}
