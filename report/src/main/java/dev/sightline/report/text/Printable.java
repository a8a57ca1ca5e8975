package dev.sightline.report.text;

import dev.sightline.tensor.internal.Quoted;

/** Text of a model or a file, made safe to print: escape sequences would steer the terminal. */
final class Printable {
  private Printable() {}

  /**
   * Escapes each control or invisible character as its {@code \\uxxxx}.
   *
   * @param text any text
   * @return the text on one line
   */
  static String of(String text) {
    return of(text, Integer.MAX_VALUE);
  }

  /**
   * As {@link #of(String)}, and shortens the text.
   *
   * @param text any text
   * @param longest the largest number of code points of the text to keep
   * @return the text on one line, with "..." if some of it was left out
   */
  static String of(String text, int longest) {
    return Quoted.plain(text, longest);
  }
}
