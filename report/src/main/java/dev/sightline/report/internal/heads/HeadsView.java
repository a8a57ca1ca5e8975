package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellSummary;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.report.internal.audit.AuditView;
import dev.sightline.report.internal.page.HeadGrid;
import dev.sightline.report.internal.page.Numbers;
import dev.sightline.report.internal.page.Viridis;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the page of one run says, as the template needs it: each metric under its own scale. */
public final class HeadsView {
  private HeadsView() {}

  /** The page. */
  public record Page(
      String name,
      List<AuditView.Fact> facts,
      FindingWords.All findings,
      List<Notices.Run> notices,
      List<Map> maps) {}

  /**
   * A metric's map.
   *
   * @param unit in words
   * @param description what it measures; empty if unknown
   * @param low the number of the low end of the scale; null if no head has data
   * @param high the number of the high end, the same if all heads have the same mean
   * @param shades the scale's colours from low to high
   * @param partial how many heads lack some samples, in a sentence; empty if none does
   */
  public record Map(
      String name,
      String unit,
      String description,
      String note,
      HeadGrid<HeadShading> grid,
      @Nullable String low,
      @Nullable String high,
      List<String> shades,
      String partial,
      boolean anyWithoutData) {}

  public static Page of(HeadStatistics statistics, List<MetricCells> metrics, ColourScales scales) {
    return new Page(
        statistics.provenance().model(),
        facts(statistics),
        FindingWords.of(statistics),
        List.of(Notices.of("", statistics, metrics)),
        metrics.stream().map(metric -> map(statistics, metric, scales)).toList());
  }

  private static List<AuditView.Fact> facts(HeadStatistics statistics) {
    Provenance provenance = statistics.provenance();
    int heads = provenance.headsPerLayer().stream().mapToInt(Integer::intValue).sum();
    return List.of(
        new AuditView.Fact("Samples", Numbers.count(statistics.samples())),
        new AuditView.Fact("Real tokens", Numbers.count(statistics.tokens())),
        new AuditView.Fact("Value of a sample", RunFacts.aggregation(provenance.aggregation())),
        new AuditView.Fact("Data", RunFacts.data(statistics)),
        new AuditView.Fact("Parts of the data", RunFacts.shards(statistics.shards())),
        new AuditView.Fact("Texts are cut", RunFacts.cut(provenance.maxTokens())),
        new AuditView.Fact(
            "Model",
            Numbers.count(heads, "head")
                + " in "
                + Numbers.count(provenance.headsPerLayer().size(), "layer")
                + "; SHA-256 "
                + provenance.modelSha256()),
        new AuditView.Fact("Runtime", provenance.runtime()),
        new AuditView.Fact("Seed", provenance.seed() + " (of the bootstrap)"));
  }

  private static Map map(HeadStatistics statistics, MetricCells metric, ColourScales scales) {
    ColourScales.Ends ends = scales.own(metric, Weighting.MACRO);
    long partial = metric.cells().filter(MetricCells::isPartial).count();
    return new Map(
        metric.metric().name(),
        RunFacts.unit(metric.metric()),
        RunFacts.description(metric.metric()),
        metric.metric().note(),
        HeadGrid.of(
            statistics.provenance().headsPerLayer(),
            (layer, head) -> shading(metric.layers().get(layer).get(head), layer, head, ends)),
        ends == null ? null : Numbers.precise(ends.low()),
        ends == null ? null : Numbers.precise(ends.high()),
        Viridis.anchors(),
        partial == 0
            ? ""
            : Numbers.count(partial, "head")
                + (partial == 1 ? " has" : " have")
                + " no value, or none that is finite, from some of the samples.",
        metric.cells().anyMatch(cell -> cell.samples() == 0));
  }

  private static HeadShading shading(
      CellSummary cell, int layer, int head, ColourScales.@Nullable Ends ends) {
    String name = "Layer " + layer + ", head " + head + ": ";
    if (ends == null || cell.macro().mean().isEmpty()) {
      return HeadShading.hatched(name + "no data");
    }
    double mean = cell.macro().mean().getAsDouble();
    boolean partial = MetricCells.isPartial(cell);
    return HeadShading.coloured(
        Viridis.at(ends.place(mean)),
        partial ? "part" : "",
        name + Numbers.precise(mean) + (partial ? ", partial" : ""));
  }
}
