package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.AttentionPicture;
import dev.sightline.audit.AuditResult;
import dev.sightline.audit.Evidence;
import dev.sightline.audit.PaddingMass;
import dev.sightline.audit.Tolerance;
import dev.sightline.audit.Verdict;
import dev.sightline.tensor.FloatTensor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
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
        .contains("NO DATA", "The model has no mask input.", "No attention was found in the graph.")
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
            "text", Collections.nCopies(28, "token"), 24, Collections.nCopies(12, layer));
    String page = page(Fixtures.with(Fixtures.failed("a cat"), picture), "");
    assertThat(page.getBytes(StandardCharsets.UTF_8)).hasSizeLessThan(600_000);
  }

  @Test
  void probe_withNumbers_saysThemInWords() {
    Verdict numeric =
        new Verdict.Numeric(
            "It moves.",
            new Evidence(
                0.21,
                new Tolerance(0.66, "3 times the noise floor"),
                1234,
                null,
                OptionalDouble.of(0.97612),
                null));
    assertThat(page(Fixtures.with(Fixtures.withoutMask(), numeric), "sightline audit 'm&n.onnx'"))
        .contains("at most 0.66", "1,234 pairs", "none needed")
        .contains("vector keeps a cosine of at least 0.976 between the two runs")
        .contains("sightline audit &#39;m&amp;n.onnx&#39;");
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
