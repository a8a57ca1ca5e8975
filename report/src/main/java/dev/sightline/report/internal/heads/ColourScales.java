package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.Weighting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which means get the ends of the colour scale: of each metric, and of all that share a unit. */
public final class ColourScales {
  private final Map<Key, Ends> own = new HashMap<>();
  private final Map<Key, Ends> shared = new HashMap<>();

  /** A metric's name or a unit, under a weighting. */
  private record Key(String of, Weighting weighting) {}

  /**
   * The ends of a scale.
   *
   * @param low the least mean
   * @param high the largest mean
   */
  record Ends(double low, double high) {
    Ends and(Ends other) {
      return new Ends(Math.min(low, other.low), Math.max(high, other.high));
    }

    /** From 0 at the low end to 1 at the high one. */
    double place(double value) {
      return high > low ? (value - low) / (high - low) : 0;
    }
  }

  private ColourScales() {}

  public static ColourScales of(List<MetricCells> metrics) {
    ColourScales scales = new ColourScales();
    for (MetricCells metric : metrics) {
      for (Weighting weighting : Weighting.values()) {
        Stream<Ends> means =
            metric
                .cells()
                .map(cell -> mean(cell, weighting))
                .filter(OptionalDouble::isPresent)
                .map(mean -> new Ends(mean.getAsDouble(), mean.getAsDouble()));
        means
            .reduce(Ends::and)
            .ifPresent(ends -> {
              scales.own.put(new Key(metric.metric().name(), weighting), ends);
              scales.shared.merge(new Key(metric.metric().unit(), weighting), ends, Ends::and);
            });
      }
    }
    return scales;
  }

  static OptionalDouble mean(CellSummary cell, Weighting weighting) {
    return cell.estimate(weighting).mean();
  }

  /** Of the metric alone; null without data. */
  @Nullable Ends own(MetricCells metric, Weighting weighting) {
    return own.get(new Key(metric.metric().name(), weighting));
  }

  /** Of all metrics in the metric's unit; null without data. */
  @Nullable Ends shared(MetricCells metric, Weighting weighting) {
    return shared.get(new Key(metric.metric().unit(), weighting));
  }
}
