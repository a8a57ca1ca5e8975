package dev.sightline.heads.statistics;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.commons.statistics.distribution.TDistribution;

/**
 * The difference of two runs, head by head. The bootstrap draws a sample id alike in both runs, so
 * the intervals are those of paired samples where both runs have the same samples.
 *
 * @param weighting what counted once in the means
 * @param paired whether both runs have the same sample ids
 * @param cells metric by metric, layer by layer, head by head
 */
public record HeadDifference(Weighting weighting, boolean paired, List<CellDifference> cells) {
  /** The accepted share of false discoveries among the significant differences. */
  public static final double FALSE_DISCOVERIES = 0.05;

  /** Copies the list. */
  public HeadDifference {
    cells = List.copyOf(cells);
  }

  static HeadDifference between(
      HeadStatistics a, HeadStatistics b, Weighting weighting, Map<String, Double> margins) {
    Provenance first = a.provenance();
    // Notes may differ, such as where only one model has a norm after the projection.
    Provenance.requireSame(
        "metrics",
        first.metrics().stream().map(Metric::toString).toList(),
        b.provenance().metrics().stream().map(Metric::toString).toList());
    Provenance.requireSame(
        "heads per layer", first.headsPerLayer(), b.provenance().headsPerLayer());
    Provenance.requireSame(
        "aggregations", first.aggregation().text(), b.provenance().aggregation().text());
    Provenance.requireSame("tokens at most", first.maxTokens(), b.provenance().maxTokens());
    Provenance.requireSame("seeds", first.seed(), b.provenance().seed());
    requireMargins(first, margins);
    List<CellDifference> all = new ArrayList<>();
    for (int m = 0; m < first.metrics().size(); m++) {
      Metric metric = first.metrics().get(m);
      Optional<Double> margin = Optional.ofNullable(margins.get(metric.name()));
      List<CellDifference> ofMetric = new ArrayList<>();
      for (int layer = 0; layer < first.headsPerLayer().size(); layer++) {
        for (int head = 0; head < first.headsPerLayer().get(layer); head++) {
          ofMetric.add(cell(metric, a, b, new int[] {m, layer, head}, weighting, margin));
        }
      }
      all.addAll(adjusted(ofMetric));
    }
    boolean paired = a.samples() == b.samples() && a.idSum() == b.idSum();
    return new HeadDifference(weighting, paired, all);
  }

  private static void requireMargins(Provenance provenance, Map<String, Double> margins) {
    Set<String> names = provenance.metrics().stream().map(Metric::name).collect(Collectors.toSet());
    margins.forEach((name, margin) -> {
      if (!names.contains(name)) {
        throw new IllegalArgumentException(
            "there is no metric '" + name + "' to have a margin; there are " + names);
      }
      if (!(margin > 0 && Double.isFinite(margin))) {
        throw new IllegalArgumentException(
            "a margin is above 0, and not " + margin + " as for '" + name + "'");
      }
    });
  }

  private static CellDifference cell(
      Metric metric,
      HeadStatistics runA,
      HeadStatistics runB,
      int[] place,
      Weighting weighting,
      Optional<Double> margin) {
    Cell a = runA.state(place[0], place[1], place[2]);
    Cell b = runB.state(place[0], place[1], place[2]);
    if (a.samples() == 0 || b.samples() == 0) {
      String reason =
          a.samples() == 0
              ? "the first run has no data: "
                  + runA.cell(place[0], place[1], place[2]).reason().orElse("")
              : "the second run has no data: "
                  + runB.cell(place[0], place[1], place[2]).reason().orElse("");
      return new CellDifference(
          metric,
          place[1],
          place[2],
          a.samples(),
          b.samples(),
          OptionalDouble.empty(),
          Optional.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          OptionalDouble.empty(),
          false,
          Optional.of(reason));
    }
    double difference =
        b.part(weighting).moments().mean().orElseThrow()
            - a.part(weighting).moments().mean().orElseThrow();
    long fewer = Math.min(a.samples(), b.samples());
    double[] replicates = minus(b.part(weighting), a.part(weighting));
    Optional<Interval> interval = fewer < 2 ? Optional.empty() : Replicates.interval(replicates);
    return new CellDifference(
        metric,
        place[1],
        place[2],
        a.samples(),
        b.samples(),
        OptionalDouble.of(difference),
        interval,
        effect(difference, a, b, weighting),
        fewer < 2 ? OptionalDouble.empty() : pValue(difference, replicates, fewer),
        OptionalDouble.empty(),
        interval.isPresent() && margin.isPresent() && interval.get().isWithin(margin.get()),
        Optional.empty());
  }

  private static double[] minus(Cell.Part b, Cell.Part a) {
    double[] of = b.replicates().means();
    double[] from = a.replicates().means();
    Arrays.setAll(of, i -> of[i] - from[i]);
    return of;
  }

  /** The difference in standard deviations, pooled over both runs; empty if both are constant. */
  private static OptionalDouble effect(double difference, Cell a, Cell b, Weighting weighting) {
    if (a.samples() < 2 || b.samples() < 2) {
      return OptionalDouble.empty();
    }
    double sa = a.deviation(weighting).orElse(0);
    double sb = b.deviation(weighting).orElse(0);
    double pooled =
        Math.sqrt(
            ((a.samples() - 1) * sa * sa + (b.samples() - 1) * sb * sb)
                / (a.samples() + b.samples() - 2));
    return pooled > 0 ? OptionalDouble.of(difference / pooled) : OptionalDouble.empty();
  }

  /**
   * Two-sided, from the difference in standard errors of the bootstrap, by Student's t with one
   * degree less than the smaller run has samples. Counting replicates beyond 0 could not go below
   * 1/200, and no head of 144 would pass the correction. A bootstrap's variance is short of the
   * unbiased one by (n - 1) / n.
   */
  private static OptionalDouble pValue(double difference, double[] replicates, long samples) {
    if (difference == 0) {
      return OptionalDouble.of(1);
    }
    OptionalDouble biased = Replicates.standardError(replicates);
    if (biased.isEmpty()) {
      return OptionalDouble.empty();
    }
    double error = biased.getAsDouble() * Math.sqrt(samples / (double) (samples - 1));
    if (error == 0) {
      return OptionalDouble.of(0);
    }
    double t = Math.abs(difference) / error;
    return OptionalDouble.of(
        Math.min(1, 2 * TDistribution.of(samples - 1.0).survivalProbability(t)));
  }

  private static List<CellDifference> adjusted(List<CellDifference> cells) {
    List<CellDifference> tested = cells.stream().filter(cell -> cell.pValue().isPresent()).toList();
    double[] adjusted =
        benjaminiHochberg(tested.stream().mapToDouble(c -> c.pValue().orElse(1)).toArray());
    List<CellDifference> all = new ArrayList<>();
    int at = 0;
    for (CellDifference cell : cells) {
      all.add(cell.pValue().isPresent() ? cell.withAdjusted(adjusted[at++]) : cell);
    }
    return all;
  }

  /**
   * Writes one line per metric, layer and head as CSV (RFC 4180), with a header.
   *
   * @param out where to write; stays open
   * @throws IOException if writing fails
   */
  public void writeCsv(Writer out) throws IOException {
    DifferenceCsv.write(this, out);
  }

  /**
   * The adjusted p-values of Benjamini and Hochberg (1995): the i-th smallest of m becomes the
   * least of {@code p_j m / j} for j from i on. Those at most q have a false discovery rate of at
   * most q.
   */
  static double[] benjaminiHochberg(double[] p) {
    Integer[] order = new Integer[p.length];
    Arrays.setAll(order, i -> i);
    Arrays.sort(order, (i, j) -> Double.compare(p[i], p[j]));
    double[] adjusted = new double[p.length];
    double least = 1;
    for (int rank = p.length; rank >= 1; rank--) {
      int i = order[rank - 1];
      least = Math.min(least, p[i] * p.length / rank);
      adjusted[i] = least;
    }
    return adjusted;
  }
}
