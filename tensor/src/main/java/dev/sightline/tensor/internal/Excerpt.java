package dev.sightline.tensor.internal;

/**
 * The beginning of a text, for records and pages of bounded size. The characters are as they were:
 * who prints them escapes them ({@link Quoted} does both).
 */
public final class Excerpt {
  private Excerpt() {}

  /** Returns at most {@code longest} code points, and "…" after them if there were more. */
  public static String of(String text, int longest) {
    return text.codePointCount(0, text.length()) <= longest
        ? text
        : text.substring(0, text.offsetByCodePoints(0, longest)) + "…";
  }
}
