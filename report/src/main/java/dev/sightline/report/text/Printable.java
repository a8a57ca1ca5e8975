package dev.sightline.report.text;

import dev.sightline.tensor.internal.Quoted;

/** Text of a model or a file, made safe to print: escape sequences would steer the terminal. */
public final class Printable {
  private Printable() {}

  /** Returns the text with each control or invisible character as its {@code \\uxxxx}. */
  public static String of(String text) {
    return of(text, Integer.MAX_VALUE);
  }

  /** As {@link #of(String)}: at most {@code longest} code points, and "..." if there were more. */
  public static String of(String text, int longest) {
    return Quoted.plain(text, longest);
  }
}
