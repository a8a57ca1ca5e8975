package dev.sightline.report.internal.mask;

/** Strips in the colours of the tokens' names, above and to the left of a coloured grid. */
final class Strips {
  private Strips() {}

  /** Draws a rectangle; the first square of the grid is at 0, 0. */
  @FunctionalInterface
  interface Rectangles {
    void add(int x, int y, int width, int height, int colour);
  }

  /**
   * Draws the strips of a grid.
   *
   * @param square the side of a square, px
   * @param thickness of a strip, px
   * @param gap between the strips and the grid, px
   */
  static void draw(MaskGrid grid, int square, int thickness, int gap, Rectangles out) {
    int before = -thickness - gap;
    for (Span span : grid.columnSpans()) {
      int from = edge(span.from(), grid.shape().keys(), grid.columns() * square);
      int to = edge(span.to(), grid.shape().keys(), grid.columns() * square);
      out.add(from, before, length(from, to), thickness, MaskColours.strip(span.colour()));
    }
    for (Span span : grid.rowSpans()) {
      int from = edge(span.from(), grid.shape().queries(), grid.rows() * square);
      int to = edge(span.to(), grid.shape().queries(), grid.rows() * square);
      out.add(before, from, thickness, length(from, to), MaskColours.strip(span.colour()));
    }
  }

  private static int edge(int token, int tokens, int length) {
    return (int) ((long) token * length / tokens);
  }

  /** A pixel is free between two names. */
  private static int length(int from, int to) {
    return Math.max(1, to - from - 1);
  }
}
