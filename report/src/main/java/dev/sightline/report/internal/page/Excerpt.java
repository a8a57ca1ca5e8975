package dev.sightline.report.internal.page;

/** The beginning of a text: texts and masks of any length end up in a report of bounded size. */
public final class Excerpt {
  private Excerpt() {}

  /** At most so many code points, and an ellipsis where some were cut off. */
  public static String of(String text, int most) {
    return text.codePointCount(0, text.length()) <= most
        ? text
        : text.substring(0, text.offsetByCodePoints(0, most)) + "…";
  }
}
