package dev.sightline.report;

import static dev.sightline.report.HeadsFixtures.heads;
import static dev.sightline.report.HeadsFixtures.known;
import static dev.sightline.report.HeadsFixtures.statistics;
import static dev.sightline.report.HeadsPages.data;
import static dev.sightline.report.HeadsPages.marks;
import static dev.sightline.report.HeadsPages.metric;
import static dev.sightline.report.HeadsPages.only;
import static dev.sightline.report.HeadsPages.squares;
import static dev.sightline.report.HeadsPages.tags;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.heads.statistics.HeadStatistics;
import dev.sightline.heads.statistics.Metric;
import dev.sightline.heads.statistics.Shard;
import dev.sightline.report.HeadsPages.Square;
import dev.sightline.report.internal.page.Viridis;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class HeadsReportTest {
  private static final Metric ONE = new Metric("one", "nats", "");

  @Test
  void squares_showEachHeadsMean_inItsPlaceAndColour() {
    String page =
        HeadsReport.page(
            statistics(
                List.of(ONE, new Metric("two", "", "")),
                List.of(2, 3),
                3,
                (m, layer, head, s) -> 100.0 * m + 10 * layer + head + s - 1));
    List<Square> squares = squares(page, 1);
    assertThat(squares)
        .extracting(Square::title)
        .containsExactly(
            "Layer 0, head 0: 100",
            "Layer 0, head 1: 101",
            "Layer 1, head 0: 110",
            "Layer 1, head 1: 111",
            "Layer 1, head 2: 112");
    assertThat(squares.get(4).x()).isGreaterThan(squares.get(3).x());
    assertThat(squares.get(3).x()).isEqualTo(squares.get(1).x());
    assertThat(squares.get(2).y()).isGreaterThan(squares.get(1).y()).isEqualTo(squares.get(4).y());
    assertThat(squares.get(0).fill()).isEqualTo(Viridis.at(0));
    assertThat(squares.get(3).fill()).isEqualTo(Viridis.at(11 / 12.0));
    assertThat(squares.get(4).fill()).isEqualTo(Viridis.at(1));
    // Samples 0 and 2 have 5 tokens and sample 1 has 10; their values are 111, 113 and 112.
    JsonNode cell = data(page).at("/metrics/1/cells/4");
    assertThat(cell.at("/0").asInt()).isEqualTo(3);
    assertThat(cell.at("/3").asDouble()).isEqualTo(112);
    assertThat(cell.at("/4").asDouble()).isEqualTo(1);
    assertThat(cell.at("/7").asDouble()).isEqualTo(112);
    assertThat(cell.size()).isEqualTo(3 + 2 * 4 + 21);
    assertThat(cell.at("/11").asDouble()).isEqualTo(111);
    assertThat(cell.at("/31").asDouble()).isEqualTo(113);
  }

  @Test
  void findings_areWordsAtTheTop_eachHeadWithAButton() {
    Metric previous = new Metric("previous", "1", "");
    HeadStatistics statistics =
        statistics(
            List.of(previous, new Metric("first-token", "1", "")),
            List.of(2, 2),
            4,
            (m, layer, head, s) ->
                m == 1 && layer == 0 ? null : layer == 1 && head == 0 ? 0.9375 : 0.125);
    String page = HeadsReport.page(statistics);
    String top = page.substring(page.indexOf("id=\"findings\""), page.indexOf("class=\"toc\""));
    assertThat(top)
        .contains(
            "<h3>1 previous-token head</h3>",
            "data-layer=\"1\" data-head=\"0\">layer 1, head 0</button>",
            "94 %",
            "layer 0 has no data for first-token",
            "--metrics special,induction,contribution-norm")
        .contains("<h3>1 first-token sink</h3>")
        .doesNotContain("data-head=\"1\"");
  }

  @Test
  void quantiles_ascendFromTheLeastToTheLargest() {
    Random random = new Random(3);
    String page =
        HeadsReport.page(
            statistics(List.of(ONE), List.of(1), 1_000, (m, l, h, s) -> random.nextDouble()));
    List<Double> values =
        StreamSupport.stream(data(page).at("/metrics/0/cells/0").spliterator(), false)
            .skip(11)
            .map(JsonNode::asDouble)
            .toList();
    assertThat(values).hasSize(21).isSorted();
    assertThat(values.get(0)).isLessThan(0.01);
    assertThat(values.get(5)).isBetween(0.2, 0.3);
    assertThat(values.get(10)).isBetween(0.45, 0.55);
    assertThat(values.get(20)).isGreaterThan(0.99);
  }

  @Test
  void headsWithoutData_areHatchedWithTheReason_andNever0() {
    HeadStatistics statistics =
        statistics(
            List.of(ONE),
            List.of(2, 2),
            4,
            (m, layer, head, s) -> layer == 0 ? null : head == 0 ? Double.NaN : Double.valueOf(7));
    statistics.missing(0, 0, "projection not identified");
    String page = HeadsReport.page(statistics);
    assertThat(squares(page, 0))
        .extracting(Square::css)
        .containsExactly("none", "none", "none", "");
    assertThat(squares(page, 0).subList(0, 3))
        .allMatch(square -> square.fill().isEmpty() && square.title().endsWith(": no data"));
    assertThat(metric(page, 0)).doesNotContain("0 (exact)").contains("</svg> no data</span>");
    JsonNode data = data(page);
    assertThat(data.at("/metrics/0/cells/1").toString()).isEqualTo("[0,0,4]");
    assertThat(data.at("/metrics/0/cells/2").toString()).isEqualTo("[1,4,0]");
    assertThat(data.at("/reasons/0").asString()).isEqualTo("projection not identified");
    assertThat(data.at("/reasons/1").asString()).isEqualTo("no value was finite");
  }

  @Test
  void aMetricWithoutAnyData_hasNoScale() {
    String page = HeadsReport.page(statistics(List.of(ONE), List.of(2), 0, (m, l, h, s) -> null));
    assertThat(squares(page, 0)).extracting(Square::css).containsOnly("none");
    assertThat(metric(page, 0)).doesNotContain("key scale");
    assertThat(data(page).at("/metrics/0/scales/own/macro").isNull()).isTrue();
    assertThat(page).contains("there were no samples");
  }

  @Test
  void headsThatLackSomeSamples_haveACorner_andAreCounted() {
    String page =
        HeadsReport.page(
            statistics(
                List.of(ONE),
                List.of(2, 2),
                4,
                (m, layer, head, s) ->
                    layer == 0 && s == 0
                        ? null
                        : layer == 1 && head == 1 && s == 1 ? Double.NaN : 1.0));
    assertThat(marks(page, 0, "part")).hasSize(3);
    assertThat(squares(page, 0))
        .extracting(square -> square.title().endsWith(", partial"))
        .containsExactly(true, true, false, true);
    assertThat(page).contains("3 heads have no value, or none that is finite");
    assertThat(data(page).at("/metrics/0/cells/0/2").asInt()).isEqualTo(1);
    assertThat(data(page).at("/metrics/0/cells/3/1").asInt()).isEqualTo(1);
  }

  @Test
  void layersOfUnequalHeads_haveTheirOwn() {
    String page =
        HeadsReport.page(
            statistics(List.of(ONE), List.of(3, 1, 2), 2, (m, l, h, s) -> l + h + 0.5));
    assertThat(squares(page, 0).stream().filter(s -> s.title().startsWith("Layer 1,"))).hasSize(1);
    assertThat(squares(page, 0)).hasSize(6);
    assertThat(page).doesNotContain("Layer 1, head 1", "Layer 2, head 2");
    assertThat(data(page).path("heads").toString()).isEqualTo("[3,1,2]");
  }

  @Test
  void missingLayers_ofOneReason_areOneLine() {
    HeadStatistics statistics =
        statistics(known(2), heads(14, 2), 2, (m, layer, h, s) -> layer == 12 ? 1.0 : null);
    for (int layer = 0; layer < 14; layer++) {
      if (layer != 12) {
        statistics.missing(1, layer, "projection not identified");
      }
    }
    String notice =
        only(HeadsReport.page(statistics), "(?s)<h3>Layers without data</h3>(.*?)</div>");
    assertThat(notice.split("<li>", -1)).hasSize(3);
    assertThat(notice)
        .contains(
            "<bdi>output-norm</bdi></strong>, layers 0-11, 13: <bdi>the layer delivered nothing",
            "<bdi>contribution-norm</bdi></strong>, layers 0-11, 13: <bdi>projection not"
                + " identified");
  }

  @Test
  void scales_areOfTheMetric_orOfItsUnit_underEitherWeighting() {
    Metric other = new Metric("other", "nats", "");
    Metric apart = new Metric("apart", "tokens", "");
    // The second of two samples has twice the tokens.
    String page =
        HeadsReport.page(
            statistics(
                List.of(ONE, other, apart),
                List.of(2),
                2,
                (m, layer, head, s) -> 10.0 * m + head + 3 * s));
    JsonNode data = data(page);
    assertThat(data.at("/metrics/0/scales/own/macro").toString()).isEqualTo("[1.5,2.5]");
    assertThat(data.at("/metrics/0/scales/own/micro").toString()).isEqualTo("[2.0,3.0]");
    assertThat(data.at("/metrics/1/scales/own/macro").toString()).isEqualTo("[11.5,12.5]");
    assertThat(data.at("/metrics/0/scales/shared/macro").toString()).isEqualTo("[1.5,12.5]");
    assertThat(data.at("/metrics/1/scales/shared/micro").toString()).isEqualTo("[2.0,13.0]");
    assertThat(data.at("/metrics/2/scales/shared/macro").toString()).isEqualTo("[21.5,22.5]");
    assertThat(metric(page, 1))
        .contains("<span class=\"low\">11.5</span>", "<span class=\"high\">12.5</span>");
  }

  @Test
  void headsThatLookAtPadding_areNamed_worstFirst() {
    List<Metric> metrics = List.of(new Metric("padding", "1", ""));
    String page =
        HeadsReport.page(
            statistics(metrics, heads(2, 4), 2, (m, layer, head, s) -> 0.1 * layer * (head + 1)));
    assertThat(page)
        .contains("4 heads attend to padding", "layer 1 head 3 (40\u00A0%), layer 1 head 2 (30")
        .contains("sightline audit");
    String many = HeadsReport.page(statistics(metrics, heads(2, 4), 2, (m, l, h, s) -> 1e-9));
    assertThat(many).contains("8 heads attend to padding", " and 3 more, on average");
    assertThat(HeadsReport.page(statistics(metrics, heads(2, 4), 2, (m, l, h, s) -> 0.0)))
        .doesNotContain("at padding,", "sightline audit");
  }

  @Test
  void skippedSamplesAndRemarks_comeWithCountReasonAndNames() {
    HeadStatistics statistics = statistics(List.of(ONE), List.of(1), 2, (m, l, h, s) -> 1.0);
    for (int i = 0; i < 7; i++) {
      statistics.skip("line " + i, "it has no real token");
    }
    statistics.remark("line 9", "it was cut");
    assertThat(HeadsReport.page(statistics))
        .contains("7 samples skipped", "1 sample to know of", "it was cut")
        .contains("<bdi>line 0, line 1, line 2, line 3, line 4, …</bdi>", "<bdi>line 9</bdi>");
  }

  @Test
  void header_saysWhatTheRunWas() {
    HeadStatistics part =
        new HeadStatistics(
            HeadsFixtures.provenance("model.onnx", List.of(ONE), List.of(3, 1)),
            new Shard(2, 8),
            "texts.jsonl");
    HeadsFixtures.filled(part, 3, (m, l, h, s) -> 1.0);
    assertThat(HeadsReport.page(part))
        .contains("<bdi>3</bdi>", "<bdi>20</bdi>", "mean over the real tokens of each sample")
        .contains("2/8; only 1 of 8 parts", "after 512 tokens", "4 heads in 2 layers")
        .contains("texts.jsonl", "42 (of the bootstrap)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</script><img src=x onerror=alert(1)>",
        "\"><script>alert(1)</script>",
        "' onmouseover='alert(1)",
        "</style></title></svg><svg onload=alert(1)>",
        "<!--<script>",
        "${1 + 1}<#include \"/etc/passwd\">",
      })
  void hostileTexts_addNoMarkup(String hostile) {
    String page = HeadsReport.page(named(hostile));
    assertThat(tags(page)).isEqualTo(tags(HeadsReport.page(named("harmless"))));
    assertThat(page).doesNotContain("<img", "<svg onload", "<script>alert", "<!--", "\"><script>");
    assertThat(page.replaceAll("(?s)<script.*?</script>", "")).doesNotContain("' onmouseover='");
    assertThat(page.split("</script>", -1)).hasSize(3);
    assertThat(data(page).at("/metrics/0/name").asString()).isEqualTo(hostile);
    assertThat(data(page).at("/metrics/0/unit").asString()).isEqualTo(hostile);
    assertThat(data(page).at("/reasons/0").asString()).isEqualTo(hostile);
  }

  @Test
  void charactersThatActOnTheirSurroundings_areShownAsEscapes() {
    String page = HeadsReport.page(named("a\u202Eb\u2028c\u0000d"));
    assertThat(page).contains("a\\u202Eb\\u2028c\\u0000d").doesNotContain("\u202E", "\u2028");
    assertThat(data(page).at("/metrics/0/name").asString()).isEqualTo("a\\u202Eb\\u2028c\\u0000d");
  }

  /** Everything that can have a name has this one. */
  static HeadStatistics named(String text) {
    HeadStatistics statistics =
        new HeadStatistics(
            HeadsFixtures.provenance(text, List.of(new Metric(text, text, text)), List.of(1, 1)),
            Shard.WHOLE,
            text);
    HeadsFixtures.filled(statistics, 4, (m, layer, h, s) -> layer == 0 ? null : (double) s);
    statistics.missing(0, 0, text);
    statistics.skip(text, text);
    statistics.remark(text, text);
    return statistics;
  }

  @Test
  void page_runsOnlyItsOwnScriptAndStyle() throws Exception {
    String page = HeadsReport.page(named("a"));
    assertThat(page)
        .contains(hash(only(page, "(?s)<style>(.*?)</style>")))
        .contains(hash(only(page, "(?s)<script>(.*?)</script>")))
        .contains("default-src 'none'")
        .doesNotContainPattern("<[a-z][^<>]* style=")
        .doesNotContainPattern("<[a-z][^<>]* on[a-z]+=")
        .doesNotContainPattern("(src|href)=\"https?://");
  }

  private static String hash(String block) throws Exception {
    return "'sha256-"
        + Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-256").digest(block.getBytes(StandardCharsets.UTF_8)))
        + "'";
  }

  @Test
  void page_of24LayersOf32HeadsAnd11Metrics_staysUnderFourMegabytes() {
    List<Metric> metrics = new ArrayList<>(known(10));
    metrics.add(ONE);
    Random random = new Random(1);
    String page =
        HeadsReport.page(
            statistics(metrics, heads(24, 32), 25, (m, l, h, s) -> random.nextGaussian()));
    assertThat(squares(page, 10)).hasSize(24 * 32);
    assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(4_000_000);
  }
}
