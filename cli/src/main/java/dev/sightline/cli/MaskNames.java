package dev.sightline.cli;

import dev.sightline.audit.declared.Segments;
import java.util.List;

/** The names of tokens that {@code --segments} gives, one for each query. */
final class MaskNames {
  private MaskNames() {}

  static List<String> of(String text, int queries) {
    Segments segments = Segments.parse(text);
    if (segments.tokens() != queries) {
      throw new IllegalArgumentException(
          "the segments "
              + text
              + " name "
              + segments.tokens()
              + " tokens, but the mask has "
              + queries
              + " queries");
    }
    return segments.labels(queries);
  }
}
