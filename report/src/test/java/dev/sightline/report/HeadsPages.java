package dev.sightline.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads pages of maps. */
final class HeadsPages {
  private static final Pattern SQUARE =
      Pattern.compile(
          "<rect x=\"(\\d+)\" y=\"(\\d+)\" width=\"\\d+\" height=\"\\d+\"( class=\"([a-z]+)\")?"
              + "( fill=\"(#[0-9a-f]{6})\")?( fill-opacity=\"([0-9.]+)\")?>"
              + "<title>([^<]*)</title></rect>");

  private HeadsPages() {}

  /** A square as drawn; what it does not have is empty. */
  record Square(int x, int y, String css, String fill, String opacity, String title) {}

  /** The part of the page about one metric. */
  static String metric(String page, int index) {
    return only(page, "(?s)<section class=\"metric\" id=\"m" + index + "\"(.*?)</section>");
  }

  static List<Square> squares(String page, int metric) {
    return SQUARE
        .matcher(metric(page, metric))
        .results()
        .map(match ->
            new Square(
                Integer.parseInt(match.group(1)),
                Integer.parseInt(match.group(2)),
                text(match, 4),
                text(match, 6),
                text(match, 8),
                match.group(9)))
        .toList();
  }

  private static String text(MatchResult match, int group) {
    String text = match.group(group);
    return text == null ? "" : text;
  }

  /** Where marks of a kind are drawn, by the element's attributes; legends are left out. */
  static List<String> marks(String page, int metric, String kind) {
    String drawn = only(metric(page, metric), "(?s)<g class=\"marks\">(.*?)</g>");
    return Pattern.compile("class=\"" + kind + "\" ([^>]*)/>")
        .matcher(drawn)
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  static JsonNode data(String page) {
    return JsonMapper.shared()
        .readTree(only(page, "(?s)<script type=\"application/json\" id=\"data\">(.*?)</script>"));
  }

  /** The names of the tags in their order, scripts and styles left out. */
  static List<String> tags(String page) {
    return Pattern.compile("<[/!]?[a-zA-Z]+")
        .matcher(page.replaceAll("(?s)<(script|style)[^>]*>.*?</\\1>", "<$1>"))
        .results()
        .map(MatchResult::group)
        .toList();
  }

  static String only(String page, String pattern) {
    Matcher matcher = Pattern.compile(pattern).matcher(page);
    assertThat(matcher.find()).as("found %s", pattern).isTrue();
    String found = matcher.group(1);
    assertThat(matcher.find()).as("a second %s", pattern).isFalse();
    return found;
  }
}
