package dev.sightline.mask.internal.text;

/** The beginning of a text, for a message. */
public final class Excerpt {
  private Excerpt() {}

  /** At most 30 characters: a word of an expression. */
  public static String of(String text) {
    return of(text, 30);
  }

  /** At most {@code width} characters, the last three of them dots where something is left out. */
  public static String of(String text, int width) {
    return text.length() <= width ? text : text.substring(0, width - 3) + "...";
  }
}
