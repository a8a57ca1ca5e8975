package dev.sightline.report.internal.heads;

import dev.sightline.heads.statistics.CellDifference;
import dev.sightline.heads.statistics.CellDifference.Verdict;
import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Provenance;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.report.internal.audit.AuditView;
import dev.sightline.report.internal.page.HeadGrid;
import dev.sightline.report.internal.page.Numbers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What the page of two runs says, as the template needs it. */
public final class DifferenceView {
  private static final int MOST_CHANGES = 10;

  private DifferenceView() {}

  /**
   * The page.
   *
   * @param runs what the two runs are, side by side
   */
  public record Page(
      String nameA,
      String nameB,
      List<Pair> runs,
      List<AuditView.Fact> facts,
      List<Notices.Run> notices,
      List<Change> changes,
      List<String> shades,
      List<Map> maps) {}

  /**
   * A significant difference.
   *
   * @param map the index of its metric's map
   * @param difference with its sign and interval
   * @param effect in standard deviations; empty if there is none
   */
  public record Change(
      String metric, int map, int layer, int head, String difference, String effect) {}

  /** A label and its value for each run. */
  public record Pair(String label, String a, String b) {}

  /**
   * A metric's map.
   *
   * @param noteB the second run's note, empty if it is the first run's
   * @param count how many heads differ, in words
   * @param others what is said of the other heads, in words
   * @param end the number of the scale's ends; null if no head has a difference but 0
   */
  public record Map(
      String name,
      String unit,
      String description,
      String note,
      String noteB,
      HeadGrid<HeadShading> grid,
      String count,
      String others,
      @Nullable String end,
      boolean anyDiffers,
      boolean anyWithoutEffect,
      boolean anyWithData,
      boolean anyWithoutData) {}

  public static Page of(
      HeadStatistics a,
      HeadStatistics b,
      String nameA,
      String nameB,
      HeadDifference difference,
      List<Notices.Run> notices,
      List<MetricDifference> metrics) {
    return new Page(
        nameA,
        nameB,
        runs(a, b),
        facts(a.provenance(), difference),
        notices,
        LargestChanges.of(difference, MOST_CHANGES).stream()
            .map(cell -> change(cell, metrics))
            .toList(),
        IntStream.rangeClosed(0, 5).mapToObj(i -> opacity(i / 5.0)).toList(),
        metrics.stream().map(metric -> map(a, metric)).toList());
  }

  private static Change change(CellDifference cell, List<MetricDifference> metrics) {
    int map = 0;
    while (!metrics.get(map).metric().name().equals(cell.metric().name())) {
      map++;
    }
    double difference = cell.difference().orElse(0);
    return new Change(
        cell.metric().name(),
        map,
        cell.layer(),
        cell.head(),
        signed(difference)
            + cell.interval()
                .map(i ->
                    ", 95 % interval "
                        + Numbers.precise(i.low())
                        + " to "
                        + Numbers.precise(i.high()))
                .orElse(""),
        cell.effect().isEmpty()
            ? ""
            : String.format(Locale.ROOT, "%+.1f standard deviations", cell.effect().getAsDouble()));
  }

  private static List<Pair> runs(HeadStatistics a, HeadStatistics b) {
    Provenance ofA = a.provenance();
    Provenance ofB = b.provenance();
    return List.of(
        new Pair("Model", ofA.model(), ofB.model()),
        new Pair("SHA-256", ofA.modelSha256(), ofB.modelSha256()),
        new Pair("Data", RunFacts.data(a), RunFacts.data(b)),
        new Pair("Parts of the data", RunFacts.shards(a.shards()), RunFacts.shards(b.shards())),
        new Pair("Samples", Numbers.count(a.samples()), Numbers.count(b.samples())),
        new Pair("Real tokens", Numbers.count(a.tokens()), Numbers.count(b.tokens())),
        new Pair("Runtime", ofA.runtime(), ofB.runtime()));
  }

  private static List<AuditView.Fact> facts(Provenance provenance, HeadDifference difference) {
    return List.of(
        new AuditView.Fact(
            "Pairs",
            difference.paired()
                ? "paired: both runs have the same sample ids"
                : "not paired: the runs measured different samples"),
        new AuditView.Fact(
            "Weighting",
            difference.weighting() == Weighting.MACRO
                ? "macro: each sample counts once"
                : "micro: each token that was read counts once"),
        new AuditView.Fact(
            "False discoveries",
            "at most "
                + Numbers.share(HeadDifference.FALSE_DISCOVERIES)
                + " are expected among the heads said to differ, for each metric"
                + " (Benjamini-Hochberg)"),
        new AuditView.Fact("Value of a sample", RunFacts.aggregation(provenance.aggregation())),
        new AuditView.Fact("Texts are cut", RunFacts.cut(provenance.maxTokens())),
        new AuditView.Fact("Seed", provenance.seed() + " (of the bootstrap)"));
  }

  private static Map map(HeadStatistics a, MetricDifference metric) {
    double reach = metric.reach();
    long heads = metric.cells().count();
    long differ = metric.count(Verdict.DIFFERS);
    long none = metric.count(Verdict.NO_EFFECT);
    long missing = metric.count(Verdict.NO_DATA);
    String note = metric.metric().note();
    return new Map(
        metric.metric().name(),
        RunFacts.unit(metric.metric()),
        RunFacts.description(metric.metric()),
        note,
        metric.noteB().equals(note) ? "" : metric.noteB(),
        HeadGrid.of(
            a.provenance().headsPerLayer(),
            (layer, head) -> shading(metric.layers().get(layer).get(head).difference(), reach)),
        "%s of %s differ".formatted(Numbers.count(differ), Numbers.count(heads, "head")),
        others(none, metric.count(Verdict.UNDECIDED), missing),
        reach > 0 ? Numbers.precise(reach) : null,
        differ > 0,
        none > 0,
        missing < heads,
        missing > 0);
  }

  private static String others(long none, long undecided, long missing) {
    List<String> parts = new ArrayList<>();
    if (none > 0) {
      parts.add(Numbers.count(none) + " without effect, inside the declared margin");
    }
    if (undecided > 0) {
      parts.add(Numbers.count(undecided) + " undecided: more samples may decide");
    }
    if (missing > 0) {
      parts.add(Numbers.count(missing) + " without data in one of the runs");
    }
    return String.join("; ", parts);
  }

  private static HeadShading shading(CellDifference cell, double reach) {
    String name = "Layer " + cell.layer() + ", head " + cell.head() + ": ";
    if (cell.difference().isEmpty()) {
      return HeadShading.hatched(name + "no data");
    }
    double difference = cell.difference().getAsDouble();
    return new HeadShading(
        difference < 0 ? "less" : difference > 0 ? "more" : "same",
        null,
        difference == 0 ? null : opacity(Math.abs(difference) / reach),
        switch (cell.verdict()) {
          case DIFFERS -> "dot";
          case NO_EFFECT -> "equal";
          case UNDECIDED, NO_DATA -> "";
        },
        name + signed(difference) + ", " + verdict(cell.verdict()));
  }

  static String verdict(Verdict verdict) {
    return switch (verdict) {
      case DIFFERS -> "differs";
      case NO_EFFECT -> "no effect";
      case UNDECIDED -> "undecided";
      case NO_DATA -> "no data";
    };
  }

  private static String signed(double difference) {
    return (difference > 0 ? "+" : "") + Numbers.precise(difference);
  }

  /** From the ground's own colour at 0: the class says to which side. */
  private static String opacity(double part) {
    return String.format(Locale.ROOT, "%.3f", part);
  }
}
