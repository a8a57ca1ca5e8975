package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellDifference;
import dev.sightline.heads.statistics.CellDifference.Verdict;
import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Weighting;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * All heads of one metric in two runs.
 *
 * @param metric as the first run has it
 * @param noteB what the second run notes of it
 * @param layers layer by layer, head by head
 */
public record MetricDifference(Metric metric, String noteB, List<List<Head>> layers) {
  /** A head: the two means, and what can be said of them. */
  record Head(OptionalDouble a, OptionalDouble b, CellDifference difference) {}

  public static List<MetricDifference> of(
      List<MetricCells> of, List<MetricCells> against, HeadDifference difference) {
    long heads = of.stream().flatMap(MetricCells::cells).count();
    if (difference.cells().size() != heads
        || against.stream().flatMap(MetricCells::cells).count() != heads) {
      throw new IllegalArgumentException(
          "a difference of "
              + difference.cells().size()
              + " cells is not that of runs with "
              + heads
              + " and "
              + against.stream().flatMap(MetricCells::cells).count());
    }
    List<MetricDifference> all = new ArrayList<>();
    int at = 0;
    for (int m = 0; m < of.size(); m++) {
      List<List<Head>> layers = new ArrayList<>();
      for (int layer = 0; layer < of.get(m).layers().size(); layer++) {
        List<Head> row = new ArrayList<>();
        for (int head = 0; head < of.get(m).layers().get(layer).size(); head++) {
          row.add(
              new Head(
                  mean(of.get(m), layer, head, difference.weighting()),
                  mean(against.get(m), layer, head, difference.weighting()),
                  difference.cells().get(at++)));
        }
        layers.add(row);
      }
      all.add(new MetricDifference(of.get(m).metric(), against.get(m).metric().note(), layers));
    }
    return all;
  }

  private static OptionalDouble mean(MetricCells metric, int layer, int head, Weighting weighting) {
    CellSummary cell = metric.layers().get(layer).get(head);
    return cell.estimate(weighting).mean();
  }

  Stream<CellDifference> cells() {
    return layers.stream().flatMap(List::stream).map(Head::difference);
  }

  long count(Verdict verdict) {
    return cells().filter(cell -> cell.verdict() == verdict).count();
  }

  /** The largest difference either way: both ends of a scale with 0 in its middle. */
  double reach() {
    return cells()
        .flatMap(cell -> cell.difference().stream().boxed())
        .mapToDouble(Math::abs)
        .max()
        .orElse(0);
  }
}
