package dev.sightline.report;

import static dev.sightline.report.HeadsFixtures.heads;
import static dev.sightline.report.HeadsFixtures.statistics;
import static dev.sightline.report.HeadsPages.data;
import static dev.sightline.report.HeadsPages.marks;
import static dev.sightline.report.HeadsPages.metric;
import static dev.sightline.report.HeadsPages.squares;
import static dev.sightline.report.HeadsPages.tags;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.heads.statistics.CellDifference;
import dev.sightline.heads.statistics.CellDifference.Verdict;
import dev.sightline.heads.statistics.HeadDifference;
import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Weighting;
import dev.sightline.report.HeadsPages.Square;
import dev.sightline.report.text.HeadsTable;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class HeadsDifferenceReportTest {
  private static final List<Metric> METRICS =
      List.of(new Metric("one", "nats", ""), new Metric("two", "", "of A"));
  private static final int SAMPLES = 60;

  /**
   * The second run's heads of the first metric are moved: head 0 up, head 1 down, head 2 surely but
   * hardly, head 3 to and fro; the last layer has no data.
   */
  private static HeadStatistics run(List<Metric> metrics, boolean second) {
    double[] shifts = {2, -4, 0.05, 0};
    return statistics(
        metrics,
        heads(3, 4),
        SAMPLES,
        (m, layer, head, s) -> {
          if (second && m == 0 && layer == 2) {
            return null;
          }
          double value = 10 * head + new Random(31L * s + head + 7L * layer).nextGaussian();
          double noise = (head == 3 ? 1 : 0.01) * (s % 2 == 0 ? 1 : -1);
          return second && m == 0 ? value + shifts[head] + noise : value;
        });
  }

  private final HeadStatistics a = run(METRICS, false);
  private final HeadStatistics b =
      run(List.of(METRICS.get(0), new Metric("two", "", "of B")), true);
  private final HeadDifference difference = a.diff(b, Weighting.MACRO, Map.of("one", 0.1));
  private final String page = HeadsReport.page(a, b, "a.json", "b.json", difference);

  @Test
  void largestSignificantChanges_comeFirst() {
    String list = page.substring(page.indexOf("id=\"changes\""), page.indexOf("</ol>"));
    List<String> items = List.of(list.split("<li>", -1));
    assertThat(items).hasSize(1 + 4);
    assertThat(items.subList(1, 3)).allMatch(item -> item.contains("head 1: -4"));
    assertThat(items.subList(3, 5)).allMatch(item -> item.contains("head 0: +2"));
    assertThat(items.get(1)).contains("href=\"#m0\"", "standard deviations");
    StringWriter text = new StringWriter();
    new HeadsTable(new PrintWriter(text)).print(difference);
    assertThat(text.toString().lines().filter(line -> line.startsWith("  one of L")))
        .hasSize(4)
        .first()
        .asString()
        .contains(" H1: -");
  }

  @Test
  void marks_areOnExactlyTheHeadsThatDiffer() {
    List<Square> squares = squares(page, 0);
    List<String> expected =
        IntStream.range(0, squares.size())
            .filter(i -> difference.cells().get(i).verdict() == Verdict.DIFFERS)
            .mapToObj(i -> centre(squares.get(i)))
            .toList();
    assertThat(expected).hasSize(4);
    assertThat(marks(page, 0, "dot")).containsExactlyElementsOf(expected);
    assertThat(marks(page, 0, "equal")).hasSize(2);
    assertThat(marks(page, 1, "dot")).isEmpty();
  }

  private static String centre(Square square) {
    return "cx=\"%d\" cy=\"%d\" r=\"5\"".formatted(square.x() + 14, square.y() + 14);
  }

  @Test
  void colours_runAlikeToBothSides_withNothingAt0() {
    List<Square> squares = squares(page, 0);
    assertThat(squares.subList(0, 3))
        .extracting(Square::css)
        .containsExactly("more", "less", "more");
    assertThat(Double.parseDouble(squares.get(0).opacity())).isBetween(0.48, 0.52);
    assertThat(Double.parseDouble(squares.get(1).opacity())).isGreaterThan(0.99);
    assertThat(squares.get(2).opacity()).startsWith("0.01");
    assertThat(difference.cells().get(2).isSignificant()).isTrue();
    assertThat(squares.get(0).title()).startsWith("Layer 0, head 0: +2").endsWith(", differs");
    assertThat(squares.get(2).title()).endsWith(", no effect");
    assertThat(metric(page, 0)).contains("<span>-4</span>", "<span>+4</span>");
    assertThat(squares(page, 1)).allMatch(s -> s.css().equals("same") && s.opacity().isEmpty());
    assertThat(metric(page, 1)).contains("B - A is 0 for every head");
  }

  @Test
  void headsWithoutDataInEither_areHatched_andSaidAtTheTop() {
    assertThat(squares(page, 0).subList(8, 12))
        .allMatch(s -> s.css().equals("none") && s.title().endsWith(": no data"));
    assertThat(page)
        .contains("Layers without data, in <bdi>b.json</bdi>")
        .doesNotContain("Layers without data, in <bdi>a.json</bdi>");
    assertThat(data(page).at("/reasons/0").asString())
        .isEqualTo("the second run has no data: the layer delivered nothing");
    assertThat(data(page).at("/metrics/0/cells/8/5").isNull()).isTrue();
  }

  @Test
  void metricWithoutAnyData_isNotSaidToDifferBy0() {
    HeadStatistics none = statistics(METRICS, heads(3, 4), SAMPLES, (m, layer, head, s) -> null);
    String empty = HeadsReport.page(a, none, "a", "b", a.diff(none, Weighting.MACRO, Map.of()));

    assertThat(metric(empty, 1))
        .contains("12 without data in one of the runs")
        .doesNotContain("B - A is 0");
  }

  @Test
  void counts_areOfAllHeads() {
    long differ = difference.cells().stream().filter(c -> c.verdict() == Verdict.DIFFERS).count();
    assertThat(metric(page, 0))
        .contains("<strong>" + differ + " of 12 heads differ</strong>")
        .contains("2 without effect", "2 undecided", "4 without data in one of the runs");
    assertThat(metric(page, 1)).contains("0 of 12 heads differ", "12 undecided");
  }

  @Test
  void header_namesBothRuns_andHowTheyWereCompared() {
    assertThat(page)
        .contains(
            "A: <bdi>a.json</bdi>",
            "B: <bdi>b.json</bdi>",
            "paired: both runs have the same sample ids")
        .contains("macro: each sample counts once", "5\u00A0% are expected among the heads")
        .contains("Note: <bdi>of A</bdi>", "Note of B: <bdi>of B</bdi>");
    HeadStatistics fewer = statistics(METRICS, heads(3, 4), 5, (m, l, h, s) -> (double) s);
    assertThat(HeadsReport.page(a, fewer, "a", "b", a.diff(fewer, Weighting.MICRO, Map.of())))
        .contains("not paired", "micro: each token", "<td><bdi>60</bdi></td><td><bdi>5</bdi></td>");
  }

  @Test
  void numbers_areThoseOfTheDifference() {
    CellDifference cell = difference.cells().get(1);
    JsonNode data = data(page).at("/metrics/0/cells/1");
    assertThat(data.at("/0").asString()).isEqualTo("differs");
    assertThat(data.at("/5").asDouble()).isCloseTo(cell.difference().orElseThrow(), within(1e-3));
    assertThat(data.at("/4").asDouble() - data.at("/3").asDouble())
        .isCloseTo(cell.difference().orElseThrow(), within(1e-2));
    assertThat(data.at("/6").asDouble()).isLessThan(data.at("/7").asDouble());
    assertThat(data.at("/8").asDouble()).isNegative();
    assertThat(data.at("/9").asDouble()).isLessThan(0.05);
  }

  @Test
  void hostileTexts_addNoMarkup() {
    String hostile = "\"'></script><img src=x onerror=alert(1)>";
    String page = named(hostile);
    assertThat(tags(page)).isEqualTo(tags(named("harmless")));
    assertThat(page).doesNotContain("<img", "\"'>").contains("&lt;img");
    assertThat(page.split("</script>", -1)).hasSize(3);
    assertThat(data(page).at("/reasons/0").asString())
        .isEqualTo("the first run has no data: " + hostile);
  }

  private static String named(String text) {
    HeadStatistics a = HeadsReportTest.named(text);
    HeadStatistics b = HeadsReportTest.named(text);
    return HeadsReport.page(a, b, text, text, a.diff(b, Weighting.MACRO, Map.of()));
  }

  @Test
  void aDifferenceOfOtherRuns_isRefused() {
    HeadStatistics other = statistics(METRICS, heads(2, 4), 5, (m, l, h, s) -> 1.0);
    assertThatThrownBy(() -> HeadsReport.page(other, other, "a", "b", difference))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("24")
        .hasMessageContaining("16");
  }
}
