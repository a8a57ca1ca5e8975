package dev.sightline.report.internal.mask;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens side by side with one name.
 *
 * @param from the first
 * @param to one past the last
 * @param colour the number of the name, in the order in which names first appear
 */
public record Span(String name, int from, int to, int colour) {
  /**
   * The spans of names, one for each token.
   *
   * @param colours the numbers of names known so far, to which new ones are added
   */
  static List<Span> of(List<String> names, Map<String, Integer> colours) {
    List<Span> spans = new ArrayList<>();
    int from = 0;
    for (int i = 1; i <= names.size(); i++) {
      if (i == names.size() || !names.get(i).equals(names.get(from))) {
        String name = names.get(from);
        int colour = colours.computeIfAbsent(name, each -> colours.size());
        spans.add(new Span(name, from, i, colour));
        from = i;
      }
    }
    return spans;
  }

  /** An empty start for {@link #of}. */
  static Map<String, Integer> noColours() {
    return new LinkedHashMap<>();
  }
}
