package dev.sightline.report.internal.heads;

import org.jspecify.annotations.Nullable;

/**
 * The colour and the mark of a head's square.
 *
 * @param css its class in the style sheet; empty for a colour of its own
 * @param fill its colour; null if the class has it
 * @param opacity of the class's colour; null if it is full
 * @param mark what is drawn on top: {@code part}, {@code dot}, {@code equal} or nothing
 * @param title its tooltip
 */
public record HeadShading(
    String css, @Nullable String fill, @Nullable String opacity, String mark, String title) {
  static HeadShading coloured(String fill, String mark, String title) {
    return new HeadShading("", fill, null, mark, title);
  }

  static HeadShading hatched(String title) {
    return new HeadShading("none", null, null, "", title);
  }
}
