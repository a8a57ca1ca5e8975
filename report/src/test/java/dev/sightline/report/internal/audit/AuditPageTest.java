package dev.sightline.report.internal.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AttentionPicture;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Cause;
import dev.sightline.audit.result.CellPicture;
import dev.sightline.audit.result.Conformance;
import dev.sightline.audit.result.Effect;
import dev.sightline.audit.result.Evidence;
import dev.sightline.audit.result.Limit;
import dev.sightline.audit.result.PaddingMass;
import dev.sightline.audit.result.Verdict;
import dev.sightline.report.AuditReport;
import dev.sightline.report.Fixtures;
import dev.sightline.tensor.FloatTensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AuditPageTest {
  /** As many tags of a kind as a page of harmless text has, whatever the text. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "</script><img src=x onerror=alert(1)>",
        "\"><script>alert(1)</script>",
        "' onmouseover='alert(1)",
        "</style></title></svg><svg onload=alert(1)>",
        "<!--<script>",
        "${1 + 1}<#include \"/etc/passwd\">",
        "]]>&lt;img src=x&gt;&#60;img",
      })
  void html_ofHostileText_addsNoMarkup(String hostile) {
    String harmless = page(Fixtures.failed("a harmless cat"), "a harmless cat");
    String page = page(Fixtures.failed(hostile), hostile);
    assertThat(tags(page)).isEqualTo(tags(harmless));
    assertThat(page)
        .doesNotContain("<img", "<svg onload", "<script>alert", "<!--", "onerror=alert(1)>");
    assertThat(count(page, "</script>")).isEqualTo(2);
    assertThat(data(page).at("/tokens/0").asString()).isEqualTo(hostile);
  }

  @Test
  void html_ofControlAndBidiCharacters_showsThemAsEscapes() {
    String hostile = "a\u202Eb\u2066c\u0000d\u001Be\u2028f\uFEFFg\uD800h\ni\u0085j\uDB40\uDC01";
    String page = page(Fixtures.failed(hostile), hostile);
    assertThat(page)
        .contains(
            "a\\u202Eb\\u2066c\\u0000d\\u001Be\\u2028f\\uFEFFg\\uD800h\\ni\\u0085j\\uDB40\\uDC01");
    assertThat(page.codePoints().filter(c -> c != '\n').map(Character::getType))
        .doesNotContain(
            (int) Character.CONTROL,
            (int) Character.FORMAT,
            (int) Character.SURROGATE,
            (int) Character.LINE_SEPARATOR);
  }

  @Test
  void html_namesTheHashesOfItsOwnScriptAndStyle() throws Exception {
    for (AuditResult result : List.of(Fixtures.failed("a cat"), Fixtures.withoutMask())) {
      String page = page(result, "");
      String policy = only(page, "http-equiv=\"Content-Security-Policy\" content=\"([^\"]*)\"");
      assertThat(policy)
          .isEqualTo(
              "default-src 'none'; style-src '"
                  + hash(only(page, "(?s)<style>(.*?)</style>"))
                  + "'; script-src '"
                  + hash(only(page, "(?s)<script>(.*?)</script>"))
                  + "'; img-src data:; base-uri 'none'; form-action 'none'");
      assertThat(page)
          .doesNotContainPattern("<[a-z][^<>]* style=")
          .doesNotContainPattern("<[a-z][^<>]* on[a-z]+=");
      assertThat(page).doesNotContainPattern("https?://");
    }
  }

  @Test
  void html_withoutAnyData_saysSo() {
    String page = page(Fixtures.withoutMask(), "");
    assertThat(page)
        .contains("NO DATA", "the model has no mask input.", "No attention was found in the graph.")
        .contains("No picture:", "Noise floor", "not measured")
        .doesNotContain("application/json", ">0 (exact)", "id=\"map-title\"");
  }

  @Test
  void map_ofALayerWithoutData_isHatchedWithItsReason() {
    PaddingMass mass =
        new PaddingMass(
            List.of(
                new PaddingMass.Layer(0, null, List.of(0.0, 0.5), List.of(0.0, 0.1)),
                new PaddingMass.Layer(1, "its shape is <odd>", List.of(), List.of())),
            9,
            null);
    String page = page(Fixtures.with(Fixtures.failed("a cat"), mass), "");
    assertThat(page)
        .contains("<rect class=\"none\" x=\"64\"")
        .contains("Layer 1: no data, because its shape is &lt;odd&gt;")
        .contains("Layer 0, head 1: 50\u00A0%");
  }

  @Test
  void map_ofLayersWithUnequalHeads_drawsEachLayersOwn() {
    PaddingMass mass =
        new PaddingMass(
            List.of(
                new PaddingMass.Layer(0, null, List.of(0.1), List.of(0.1)),
                new PaddingMass.Layer(
                    1, null, List.of(0.0, 1e-9, Double.NaN), List.of(0.0, 0.0, 0.0))),
            9,
            null);
    String page = page(Fixtures.with(Fixtures.failed("a cat"), mass), "");
    assertThat(page)
        .contains("Layer 0, head 0: 10\u00A0%")
        .contains("Layer 1, head 0: 0 (exact)")
        .contains("Layer 1, head 1: 1\u00A0×\u00A010⁻⁷\u00A0%")
        .contains("Layer 1, head 2: not a finite number")
        .doesNotContain("Layer 0, head 1: ")
        .contains("no such head");
  }

  @Test
  void map_ofZerosOnly_hasNoScale() {
    PaddingMass zeros =
        new PaddingMass(
            List.of(new PaddingMass.Layer(0, null, List.of(0.0, 0.0), List.of(0.0, 0.0))), 9, null);
    assertThat(page(Fixtures.with(Fixtures.failed("a cat"), zeros), ""))
        .contains("There is no colour because there is nothing to show")
        .doesNotContain("class=\"some\"");
  }

  @Test
  void masks_areDrawnBesideTheirExpression() {
    String page = page(Fixtures.failed("\u0120causal"), "");
    String masks =
        page.substring(page.indexOf("<section id=\"masks\""), page.indexOf("id=\"probes\""));
    assertThat(masks)
        .contains("layer 0: \u0120causal", "lengths 1 to 3", "layer 1 (cross): not read (");
    // Rows of 1, 2 and 3 squares of 24 px, in one picture.
    assertThat(masks)
        .containsOnlyOnce("class=\"allowed\"")
        .containsPattern("d=\"M\\d+ \\d+h24v24h-24zM\\d+ \\d+h48v24h-48zM\\d+ \\d+h72v24h-72z\"");
  }

  @Test
  void place_spellsItsTokenAsPeopleRead() {
    assertThat(page(Fixtures.failed("\u0120and"), "")).contains("token 5 (\u201C and\u201D)");
  }

  @Test
  void squares_showTheLeakingHeadFirst() {
    String page = page(Fixtures.failed("a cat"), "");
    assertThat(page).contains("<h3 id=\"head-title\">Layer 1, head 1</h3>", "The leak enters here");
    assertThat(data(page).path("shownLayer").asInt()).isEqualTo(1);
    assertThat(data(page).path("shownHead").asInt()).isEqualTo(1);
  }

  @Test
  void squares_keepThreeDigitsAndWhatIsAboveZero() {
    JsonNode data = data(page(Fixtures.failed("a cat"), ""));
    byte[] halves = Base64.getDecoder().decode(data.path("halves").asString());
    assertThat(halves).hasSize(2 * 2 * 3 * 3 * Short.BYTES);
    assertThat(half(halves, 0)).isBetween(0.3332f, 0.3335f);
    assertThat(half(halves, 2)).isPositive().isLessThan(1e-7f);
    assertThat(data.at("/layers/1/captions")).hasSize(2);
  }

  @Test
  void squares_ofTwelveLayersOfTwelveHeads_stayUnderTwoMegabytes() {
    FloatTensor layer = Fixtures.attention(12, 28);
    AttentionPicture picture =
        AttentionPicture.of(
            "text",
            Collections.nCopies(28, "token"),
            new boolean[28],
            false,
            Collections.nCopies(12, layer));
    String page = page(Fixtures.with(Fixtures.failed("a cat"), picture), "");
    assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(600_000);
  }

  @Test
  void probe_withNumbers_saysThemInWords() {
    Verdict numeric =
        new Verdict.Rounding(
            Cause.Kind.QUANTISATION,
            new Evidence(
                0.21,
                new Limit(0.66, new Limit.Noise(3, 0.22)),
                1234,
                null,
                new Effect.EmbeddingCosine(0.97612, 3),
                null));
    assertThat(page(Fixtures.with(Fixtures.withoutMask(), numeric), "sightline audit 'm&n.onnx'"))
        .contains("at most 0.66", "1,234 pairs", "none needed")
        .contains("0.976 (text 3)")
        .contains("sightline audit &#39;m&amp;n.onnx&#39;");
  }

  @Test
  void squares_markWhatRealTokensMustNotSee_onEverySide() {
    FloatTensor layer = Fixtures.attention(1, 4);
    AttentionPicture picture =
        AttentionPicture.of(
            "text",
            List.of("padding", "a", "padding", "b"),
            new boolean[] {true, false, true, false},
            true,
            List.of(layer));
    String page = page(Fixtures.with(Fixtures.withoutMask(), picture), "");
    // Row a: padding before, between and the later b; row b: padding twice.
    assertThat(count(page, "class=\"off\"")).isEqualTo(5);
    assertThat(page)
        .contains("5 of the real tokens' squares are forbidden and lit.")
        .contains("to tokens after it: 25\u00A0%", "<path class=\"future\"");
    assertThat(data(page).at("/layers/0/offences/0").asInt()).isEqualTo(5);
    assertThat(data(page).path("causal").asBoolean()).isTrue();
  }

  @Test
  void squares_ofManyTokens_drawSomeAndCountAll() {
    FloatTensor layer = Fixtures.attention(3, 200);
    boolean[] padding = new boolean[200];
    padding[199] = true;
    AttentionPicture picture =
        AttentionPicture.of(
            "text",
            Collections.nCopies(200, "token"),
            padding,
            false,
            Collections.nCopies(40, layer));
    String page = page(Fixtures.with(Fixtures.withoutMask(), picture), "");
    assertThat(page)
        .contains("Of 200 tokens 48 evenly spread ones are drawn.")
        .contains("199 of the real tokens' squares are forbidden and lit.");
    assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(3_000_000);
  }

  @Test
  void findings_failuresComeFirst_andWhatDoesNotApplyIsFolded() {
    String page = page(Fixtures.failed("a cat"), "");
    assertThat(page.indexOf("id=\"fault-0\""))
        .isBetween(0, page.indexOf("What changed without being a fault"));
    assertThat(page.indexOf("What changed without being a fault"))
        .isLessThan(page.indexOf("What passed"));
    assertThat(page)
        .contains("1 question that this model has nothing to ask about")
        .contains("<details class=\"folded\" id=\"passed\">")
        .contains("<dt>Cause</dt>", "<dt>Effect</dt>", "<dt>Fix</dt>")
        .contains("PAD RIGHT ONLY", "BY DESIGN", "<bdi>other</bdi>");
  }

  @Test
  void declared_drawsAlikeAttentionsOnce_andMarksEveryOffendingCell() {
    String page = page(Fixtures.failed("a cat"), "");
    assertThat(page)
        .contains("Attentions 0 and 1, alike", "Attention 2 ", "Through the whole model")
        .contains("<strong><bdi>action</bdi></strong> attends to <strong><bdi>subtask</bdi>")
        .contains("all 2 squares")
        .contains("2 squares are forbidden and attended to")
        .contains("a cat attends to a cat in attention 0, head 0 (row 1), probability 0.031")
        .contains("though the declared masks give no path; it changes by up to 0.5");
    // One path in attentions 0 and 1, one in the reach: each of two cells, one above the other.
    List<String> offending =
        Pattern.compile("<path class=\"offending\" fill-opacity=\"[0-9.]+\" d=\"([^\"]*)\"")
            .matcher(page)
            .results()
            .map(match -> match.group(1))
            .toList();
    assertThat(offending).hasSize(2).allMatch(path -> path.split("M", -1).length - 1 == 2);
    // Around them, in both squares of both pairs, and twice in the legends.
    assertThat(count(page, "<path class=\"outline\" d=\"M")).isEqualTo(5);
  }

  @Test
  void declared_ofAHundredKindsOfAttention_staysOnePage() {
    Conformance one = Fixtures.conformance("a cat");
    List<Conformance.Attention> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(checkered(one.attentions().getFirst(), i));
    }
    Conformance all =
        new Conformance(
            2, one.tokens(), many, one.reach(), one.inside(), one.outside(), one.notes());
    String page = page(Fixtures.with(Fixtures.withoutMask(), all), "");
    assertThat(page).contains("Not drawn: 94 further kinds of attention.");
    assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(3_000_000);
  }

  /** The most paths that a picture can need. */
  private static Conformance.Attention checkered(Conformance.Attention like, int number) {
    int side = CellPicture.LARGEST;
    List<String> names = Collections.nCopies(side, "token");
    boolean[] declared = new boolean[side * side];
    float[] observed = new float[side * side];
    for (int i = 0; i < declared.length; i++) {
      declared[i] = (i + i / side) % 2 == 0 ^ i == number;
      observed[i] = i % 7 / 7f + 0.01f;
    }
    CellPicture picture =
        CellPicture.of(0, names, names, new boolean[side], new boolean[side], declared, observed);
    return new Conformance.Attention(
        number,
        like.node(),
        like.declared(),
        like.state(),
        "",
        like.cells(),
        like.forbidden(),
        like.offences(),
        0,
        0,
        0.5,
        like.worst(),
        picture,
        0);
  }

  @Test
  void report_ofEndlessTexts_staysShort() {
    AuditResult result = Fixtures.failed("a cat").with(Fixtures.trial("x".repeat(100_000), 200));
    AttentionPicture picture =
        AttentionPicture.of(
            "y".repeat(1_000_000),
            List.of("z".repeat(100), "a"),
            new boolean[2],
            false,
            List.of(Fixtures.attention(1, 2)));
    AuditReport report = AuditReport.of(Fixtures.with(result, picture), "");
    assertThat(report.html()).hasSizeLessThan(150_000).contains("and 150 more texts");
    assertThat(report.json()).hasSizeLessThan(150_000);
  }

  @Test
  void trial_saysItsNumbersWithUnitsAndIntervals() {
    String page = page(Fixtures.failed("a cat"), "");
    assertThat(page)
        .contains("4\u00A0ms (95\u00A0% interval 3.5\u00A0ms to 4.5\u00A0ms, 20 runs, median)")
        .contains("0.5 times the time of the same texts one by one")
        .contains("300\u00A0MB at most under the mask, no data under ones")
        .contains("By the rule of thumb: no data", "below 0.01", "above 0.1")
        .contains("<td>1.25</td><td>5</td><td>25\u00A0%</td>");
  }

  private static String page(AuditResult result, String command) {
    return AuditReport.of(result, command).html();
  }

  private static JsonNode data(String page) {
    return JsonMapper.shared()
        .readTree(only(page, "(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>"));
  }

  private static float half(byte[] halves, int index) {
    return Float.float16ToFloat(
        (short) ((halves[2 * index] & 0xFF) | ((halves[2 * index + 1] & 0xFF) << 8)));
  }

  private static String hash(String block) throws Exception {
    return "sha256-"
        + Base64.getEncoder()
            .encodeToString(
                MessageDigest.getInstance("SHA-256")
                    .digest(block.getBytes(StandardCharsets.UTF_8)));
  }

  /** The names of the tags in their order, scripts and styles left out. */
  private static List<String> tags(String page) {
    return Pattern.compile("<[/!]?[a-zA-Z]+")
        .matcher(page.replaceAll("(?s)<(script|style)[^>]*>.*?</\\1>", "<$1>"))
        .results()
        .map(match -> match.group())
        .toList();
  }

  private static long count(String page, String part) {
    return Pattern.compile(Pattern.quote(part)).matcher(page).results().count();
  }

  private static String only(String page, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(page);
    assertThat(matcher.find()).as("found %s", pattern).isTrue();
    String found = matcher.group(1);
    assertThat(matcher.find()).as("a second %s", pattern).isFalse();
    return found;
  }
}
