package dev.sightline.report.internal.heads;

import dev.sightline.heads.metric.HeadMetric;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.heads.statistics.TokenAggregation;
import dev.sightline.report.internal.page.Numbers;
import java.util.Arrays;
import java.util.Collection;
import java.util.SortedSet;
import java.util.stream.Collectors;

/** The facts of a run as text. */
final class RunFacts {
  private static final int MOST_NAMES = 10;

  private RunFacts() {}

  static String aggregation(TokenAggregation aggregation) {
    return switch (aggregation) {
      case LAST -> "the last real token of each sample";
      case MEAN -> "mean over the real tokens of each sample";
      case SPAN -> "mean over the real tokens of the span that the data give for each sample";
    };
  }

  static String data(HeadStatistics statistics) {
    return statistics.data().isEmpty() ? "not named" : some(statistics.data());
  }

  static String shards(SortedSet<Shard> shards) {
    if (shards.isEmpty()) {
      return "not named";
    }
    int of = shards.first().of();
    if (shards.size() == of) {
      return of == 1 ? "all of it" : "all " + Numbers.count(of) + " parts";
    }
    return some(shards.stream().map(Shard::toString).toList())
        + "; only "
        + Numbers.count(shards.size())
        + " of "
        + Numbers.count(of, "part");
  }

  private static String some(Collection<String> names) {
    int more = names.size() - MOST_NAMES;
    return names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
        + (more > 0 ? " and " + Numbers.count(more) + " more" : "");
  }

  static String cut(int maxTokens) {
    return maxTokens == Integer.MAX_VALUE ? "never" : "after " + Numbers.count(maxTokens, "token");
  }

  /** What a known metric measures; empty for one that another program wrote. */
  static String description(Metric metric) {
    return Arrays.stream(HeadMetric.values())
        .filter(known -> known.id().equals(metric.name()))
        .map(HeadMetric::description)
        .findFirst()
        .orElse("");
  }

  static String unit(Metric metric) {
    return switch (metric.unit()) {
      case "" -> "the model's own scale";
      case "1" -> "share";
      default -> metric.unit();
    };
  }
}
