package dev.sightline.report.text;

import dev.sightline.tensor.internal.Quoted;

/**
 * Text of a model or a file, made safe to print: escape sequences would steer the terminal, and a
 * name of a megabyte would fill it.
 */
final class Printable {
  /** Longer than paths, and than names of nodes that an exporter writes. Code points. */
  private static final int LONGEST_WORD = 240;

  private static final int LONGEST = 4000;

  private Printable() {}

  /**
   * Escapes each control or invisible character as its {@code \\uxxxx}, and shortens words that
   * nobody reads to their end.
   *
   * @param text any text
   * @return the text on one line
   */
  static String of(String text) {
    return of(text, LONGEST);
  }

  /**
   * As {@link #of(String)}, and shortens the text.
   *
   * @param text any text
   * @param longest the largest number of code points of the text to keep
   * @return the text on one line, with "..." if some of it was left out
   */
  static String of(String text, int longest) {
    if (text.length() <= LONGEST_WORD) {
      return Quoted.plain(text, longest);
    }
    StringBuilder shortened = new StringBuilder();
    for (int at = 0; at < text.length(); ) {
      int space = text.indexOf(' ', at);
      int end = space < 0 ? text.length() : space;
      shortened.append(Quoted.plain(text.substring(at, end), LONGEST_WORD));
      if (space >= 0) {
        shortened.append(' ');
      }
      at = end + 1;
    }
    return Quoted.plain(shortened.toString(), longest);
  }
}
