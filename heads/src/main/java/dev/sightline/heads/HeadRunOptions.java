package dev.sightline.heads;

import dev.sightline.data.MaskPolarity;
import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.onnx.Tokenizer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The options of a {@link HeadRun}, with their defaults. */
final class HeadRunOptions {
  @Nullable Tokenizer tokenizer;
  Set<HeadMetric> metrics = HeadMetric.STANDARD;
  TokenAggregation aggregation = TokenAggregation.MEAN;
  OptionalInt maxTokens = OptionalInt.empty();
  OptionalLong padId = OptionalLong.empty();
  Optional<MaskPolarity> polarity = Optional.empty();
  Shard shard = Shard.WHOLE;
  boolean strict;
  long seed = HeadRun.DEFAULT_SEED;
  @Nullable Path checkpoint;
  HeadRun.Listener listener = HeadRun.Listener.NONE;

  HeadRunOptions copy() {
    HeadRunOptions copy = new HeadRunOptions();
    copy.tokenizer = tokenizer;
    copy.metrics = metrics;
    copy.aggregation = aggregation;
    copy.maxTokens = maxTokens;
    copy.padId = padId;
    copy.polarity = polarity;
    copy.shard = shard;
    copy.strict = strict;
    copy.seed = seed;
    copy.checkpoint = checkpoint;
    copy.listener = listener;
    return copy;
  }
}
