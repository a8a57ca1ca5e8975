package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.attention.Walkthrough;
import dev.sightline.mask.Mask;
import dev.sightline.report.text.WalkthroughText;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class WalkthroughPageTest {
  private static final Walkthrough CAT =
      Walkthrough.of(Walkthrough.words("The cat sat on the mat", 0), Mask.parse("window(1,0)"));
  private static final Walkthrough HORSE =
      Walkthrough.of(Walkthrough.words("The horse ran quickly [PAD]", 0));

  /** The texts of a table's cells, row by row. */
  private static List<List<String>> cells(String html, String title) {
    Matcher table =
        Pattern.compile(
                "<figcaption>" + Pattern.quote(title) + "<.*?<tbody>(.*?)</tbody>", Pattern.DOTALL)
            .matcher(html);
    assertThat(table.find()).as(title).isTrue();
    List<List<String>> rows = new ArrayList<>();
    for (String row : table.group(1).strip().split("</tr>", -1)) {
      List<String> cells = new ArrayList<>();
      Matcher cell = Pattern.compile("<td[^>]*>(.*?)</td>").matcher(row);
      while (cell.find()) {
        cells.add(cell.group(1));
      }
      if (!cells.isEmpty()) {
        rows.add(cells);
      }
    }
    return rows;
  }

  @Test
  void weights_areThoseOfTheWalkthrough_withTheSumOfEachRow() {
    String html = WalkthroughPage.page(CAT);
    for (int mask = 0; mask < 3; mask++) {
      float[] weights = CAT.under(mask).weights().data();
      List<List<String>> rows = cells(html, "weights, mask: " + CAT.under(mask).name());
      assertThat(rows).hasSize(6);
      for (int q = 0; q < 6; q++) {
        for (int k = 0; k < 6; k++) {
          float weight = weights[q * 6 + k];
          assertThat(rows.get(q).get(k))
              .isEqualTo(weight == 0 ? "0" : String.format(Locale.ROOT, "%.2f", weight));
        }
        assertThat(rows.get(q).get(6)).isEqualTo("1.00");
      }
    }
  }

  @Test
  void masks_areBesideEachOther_andTheMisprintIsCalledWrong() {
    String html = WalkthroughPage.page(CAT);
    assertThat(cells(html, "mask: causal").getFirst())
        .containsExactly("✓", "✗", "✗", "✗", "✗", "✗");
    assertThat(cells(html, "wrong, yet printed as the causal mask").getFirst())
        .containsExactly("✓", "✓", "✓", "✗", "✗", "✗");
    assertThat(html).containsOnlyOnce("<figure class=\"wrong\">");
    assertThat(cells(html, "mask: window(1,0)").get(5))
        .containsExactly("✗", "✗", "✗", "✗", "✓", "✓");
    assertThat(cells(html, "scores, mask: causal").getFirst().subList(1, 6)).containsOnly("never");
  }

  @Test
  void aSecondText_isShownUnderPaddingAlone() {
    String html = WalkthroughPage.page(CAT, HORSE);
    String second = html.substring(html.indexOf("The horse ran quickly [PAD]"));
    for (List<String> row : cells(second, "weights, mask: padding")) {
      assertThat(row.get(4)).isEqualTo("0");
      assertThat(row.get(5)).isEqualTo("1.00");
    }
    assertThat(second).doesNotContain("mask: causal", "Scaling");
  }

  @Test
  void fills_showGarbageAndNaN() {
    List<List<String>> rows = cells(WalkthroughPage.page(CAT), "&#39;The&#39; may look at nothing");
    assertThat(rows.get(0)).containsExactly("float32", "nothing", "0", "0", "0", "0", "0", "0");
    assertThat(rows.get(1)).contains("-1,000,000,000", "0.17").doesNotContain("0");
    assertThat(rows.get(2)).contains("float16", "-infinity", "NaN").doesNotContain("0");
  }

  @Test
  void hostileTokens_areText() {
    String token = "<script>alert(1)</script>\u0007\u202e";
    String html = WalkthroughPage.page(Walkthrough.of(List.of(token, "&\"'", "b")));
    assertThat(html).doesNotContain("<script>alert", "\u0007", "\u202e").contains("&lt;script&gt;");
    String text = String.join("", WalkthroughText.steps(Walkthrough.of(List.of(token, "b"))));
    assertThat(text).doesNotContain("\u0007", "\u202e");
  }

  @Test
  void fragment_isThePageWithoutItsFrame() {
    String fragment = WalkthroughPage.fragment(CAT, HORSE);
    assertThat(fragment.strip()).startsWith("<article").endsWith("</article>");
    assertThat(fragment).doesNotContain("<style", "<script", "<html", " style=");
    assertThat(WalkthroughPage.page(CAT, HORSE)).contains(fragment.strip());
    assertThat(WalkthroughPage.page(CAT, HORSE)).contains(WalkthroughPage.styleSheet());
    for (String css : fragment.split("class=\"", -1)) {
      String name = css.substring(0, css.indexOf('"') < 0 ? 0 : css.indexOf('"'));
      if (name.matches("[wpn]\\d+|yes|no|sum|bad")) {
        assertThat(WalkthroughPage.styleSheet()).contains("." + name + " ");
      }
    }
  }

  @Test
  void text_tellsTheSameSteps_inAHundredColumns() {
    List<String> steps = WalkthroughText.steps(CAT);
    assertThat(steps).hasSize(9);
    assertThat(steps.getFirst()).startsWith("The cat sat on the mat\n6 tokens, head size 4");
    assertThat(String.join("", steps).lines()).allMatch(line -> line.length() <= 100);
    assertThat(steps.get(2))
        .contains("1.0 x (-1.0) + 1.0 x 0.0 + 1.0 x (-1.0) + 0.5 x 1.0 = -1.50");
    assertThat(steps.get(4)).contains("  The   ✓   ✓   ✓  ✓   ✓   ✓   The   ✓   ✗   ✗  ✗   ✗   ✗");
    assertThat(WalkthroughText.maskSteps(HORSE)).hasSize(3);
  }

  @Test
  void aRowWithoutKeys_isSaidToGiveNothing() {
    Walkthrough none = Walkthrough.of(Walkthrough.words("a b", 0), Mask.none());
    assertThat(String.join("", WalkthroughText.steps(none)))
        .contains("mask: none", "mask: (none)", "Under (none), 2 rows have no key to look at");
  }
}
