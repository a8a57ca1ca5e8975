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
 * HTML pages about the heads of a model: a map of layers x heads for each metric. A page needs no
 * other file and no network. The same statistics give the same page.
 *
 * <p>Names, reasons and notes may come from an untrusted file: they cannot add markup to the page
 * or run in it.
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

  /**
   * Returns the page of one run: the value of each metric for each head, and its spread over the
   * samples.
   *
   * @param statistics the statistics of the run
   * @return an HTML document
   */
  public static String page(HeadStatistics statistics) {
    List<MetricCells> metrics = MetricCells.of(statistics);
    ColourScales scales = ColourScales.of(metrics);
    return RUN.render(
        HeadsView.of(statistics, metrics, scales), HeadsData.of(statistics, metrics, scales));
  }

  /**
   * Returns the page of two runs: the difference of each metric for each head, and which
   * differences are significant.
   *
   * @param a the statistics of the first run
   * @param b the statistics of the second run
   * @param nameA the name of the first run on the page
   * @param nameB the name of the second run on the page
   * @param difference the difference of the two, from {@link HeadStatistics#diff}
   * @return an HTML document
   * @throws IllegalArgumentException if the difference is not about the heads of these two
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
