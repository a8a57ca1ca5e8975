package dev.sightline.report;

import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.report.internal.heads.ColourScales;
import dev.sightline.report.internal.heads.DifferenceData;
import dev.sightline.report.internal.heads.DifferenceView;
import dev.sightline.report.internal.heads.HeadsData;
import dev.sightline.report.internal.heads.HeadsView;
import dev.sightline.report.internal.heads.MetricCells;
import dev.sightline.report.internal.heads.MetricDifference;
import dev.sightline.report.internal.heads.Notices;
import dev.sightline.report.internal.page.PageTemplate;
import java.util.List;

/**
 * Pages about the heads of a model: a map of layers x heads for each metric. A page is one HTML
 * file that needs no other file and no network, the same for the same statistics.
 *
 * <p>Names, reasons and notes are treated as hostile, since they may come from a file of another:
 * they cannot add markup to the page or run in it.
 */
public final class HeadsReport {
  private static final PageTemplate RUN =
      new PageTemplate(
          "heads.ftlh",
          List.of("headmap.ftlh", "notices.ftlh"),
          List.of("heads.css"),
          List.of("headmaps.js", "heads.js"));
  private static final PageTemplate DIFFERENCE =
      new PageTemplate(
          "difference.ftlh",
          List.of("headmap.ftlh", "notices.ftlh"),
          List.of("heads.css"),
          List.of("headmaps.js", "difference.js"));

  private HeadsReport() {}

  /** The page of one run: what each head did, and how the samples spread. */
  public static String page(HeadStatistics statistics) {
    List<MetricCells> metrics = MetricCells.of(statistics);
    ColourScales scales = ColourScales.of(metrics);
    return RUN.render(
        HeadsView.of(statistics, metrics, scales), HeadsData.of(statistics, metrics, scales));
  }

  /**
   * The page of two runs: how far the second lies from the first, and where that is more than
   * chance.
   *
   * @param nameA what to call the first run
   * @param nameB what to call the second run
   * @param difference of these two, as {@link HeadStatistics#diff} gives it
   * @throws IllegalArgumentException if it does not have their heads
   */
  public static String page(
      HeadStatistics a, HeadStatistics b, String nameA, String nameB, HeadDifference difference) {
    List<MetricCells> cellsA = MetricCells.of(a);
    List<MetricCells> cellsB = MetricCells.of(b);
    List<MetricDifference> metrics = MetricDifference.of(cellsA, cellsB, difference);
    List<Notices.Run> notices = List.of(Notices.of(nameA, a, cellsA), Notices.of(nameB, b, cellsB));
    return DIFFERENCE.render(
        DifferenceView.of(a, b, nameA, nameB, difference, notices, metrics),
        DifferenceData.of(metrics));
  }
}
