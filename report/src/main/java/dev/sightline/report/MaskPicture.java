package dev.sightline.report;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.MaskShape;
import dev.sightline.report.internal.page.ControlCharacters;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * A picture of one batch row and head of a mask. Queries are rows, keys are columns; the darker a
 * square, the larger its share of allowed pairs. Up to 256 queries and keys, each pair has a
 * square. Beyond that a square is a rectangle of pairs, so a picture has at most 256 x 256 squares.
 */
public final class MaskPicture {
  private static final int LARGEST_GRID = 256;
  private static final int LONGEST_SIDE = 1024;
  private static final int MOST_RULED = 64;
  private static final int[] NONE = {0xF2, 0xF2, 0xF0};
  private static final int[] ALL = {0x1F, 0x4E, 0x79};

  private final MaskShape shape;
  private final double[][] densities;
  private final int square;

  private MaskPicture(MaskShape shape, double[][] densities) {
    this.shape = shape;
    this.densities = densities;
    this.square =
        Math.max(1, Math.min(16, LONGEST_SIDE / Math.max(densities.length, densities[0].length)));
  }

  /**
   * Returns a picture of one batch row and head.
   *
   * @param mask the mask, bound to its sizes
   * @param batch the batch row, from 0
   * @param head the head, from 0
   * @return the picture
   * @throws IllegalArgumentException if the mask has no pair, or there is no such row or head
   */
  public static MaskPicture of(BoundMask mask, int batch, int head) {
    MaskShape shape = mask.shape();
    if (shape.queries() == 0 || shape.keys() == 0) {
      throw new IllegalArgumentException("a mask of " + shape + " has nothing to draw");
    }
    int rows = Math.min(LARGEST_GRID, shape.queries());
    int columns = Math.min(LARGEST_GRID, shape.keys());
    return new MaskPicture(shape, mask.densities(batch, head, rows, columns));
  }

  /**
   * Returns the picture as SVG, without names of queries; as {@link #toSvg(List)}.
   *
   * @return an SVG document
   */
  public String toSvg() {
    return toSvg(List.of());
  }

  /**
   * Returns the picture as a self-contained SVG document. Adjacent squares of one colour are one
   * rectangle. Up to 64 queries and keys, lines separate the squares and the tokens are numbered.
   *
   * @param labels the names of the queries, top to bottom; empty for none
   * @return an SVG document
   * @throws IllegalArgumentException if the number of names is neither 0 nor that of the queries
   */
  public String toSvg(List<String> labels) {
    if (!labels.isEmpty() && labels.size() != shape.queries()) {
      throw new IllegalArgumentException(
          labels.size() + " labels for " + shape.queries() + " queries; expected one for each");
    }
    boolean ruled = Math.max(shape.queries(), shape.keys()) <= MOST_RULED;
    int longest = labels.stream().mapToInt(String::length).max().orElse(0);
    int left = ruled ? 24 + 7 * longest : 0;
    int top = ruled ? 18 : 0;
    int width = densities[0].length * square;
    int height = densities.length * square;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"%d %d %d %d\" role=\"img\">%n<title>attention mask, %d queries down,"
                + " %d keys across; dark may attend</title>%n<rect width=\"%d\" height=\"%d\""
                + " fill=\"%s\"/>%n",
            left + width,
            top + height,
            -left,
            -top,
            left + width,
            top + height,
            shape.queries(),
            shape.keys(),
            width,
            height,
            hex(color(0))));
    appendSquares(svg);
    if (ruled) {
      appendRules(svg, width, height);
      appendNames(svg, labels);
    }
    return svg.append("</svg>\n").toString().replace("\r\n", "\n");
  }

  private void appendRules(StringBuilder svg, int width, int height) {
    svg.append("<path stroke=\"#fff\" d=\"");
    for (int x = square; x < width; x += square) {
      svg.append('M').append(x).append(" 0V").append(height);
    }
    for (int y = square; y < height; y += square) {
      svg.append("M0 ").append(y).append('H').append(width);
    }
    svg.append("\"/>\n");
  }

  /** Grey is readable on a white and on a dark background. */
  private void appendNames(StringBuilder svg, List<String> labels) {
    svg.append("<g font-family=\"sans-serif\" font-size=\"10\" fill=\"#808080\">\n");
    for (int k = 0; k < shape.keys(); k++) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%d\" y=\"-5\" text-anchor=\"middle\">%d</text>%n",
              k * square + square / 2,
              k));
    }
    for (int q = 0; q < shape.queries(); q++) {
      String name = labels.isEmpty() ? "" : " " + ControlCharacters.shown(labels.get(q));
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"-5\" y=\"%d\" text-anchor=\"end\">%s</text>%n",
              q * square + square / 2 + 4,
              xml(q + name)));
    }
    svg.append("</g>\n");
  }

  private static String xml(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }

  private void appendSquares(StringBuilder svg) {
    for (int r = 0; r < densities.length; r++) {
      double[] row = densities[r];
      for (int c = 0; c < row.length; ) {
        int end = c + 1;
        while (end < row.length && color(row[end]) == color(row[c])) {
          end++;
        }
        if (color(row[c]) != color(0)) {
          svg.append(
              String.format(
                  Locale.ROOT,
                  "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n",
                  c * square,
                  r * square,
                  (end - c) * square,
                  square,
                  hex(color(row[c]))));
        }
        c = end;
      }
    }
  }

  /**
   * Writes the picture as a PNG image.
   *
   * @param out stays open
   * @throws IOException if the stream refuses it
   */
  public void writePng(OutputStream out) throws IOException {
    BufferedImage image =
        new BufferedImage(
            densities[0].length * square, densities.length * square, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < image.getHeight(); y++) {
      for (int x = 0; x < image.getWidth(); x++) {
        image.setRGB(x, y, color(densities[y / square][x / square]));
      }
    }
    if (!ImageIO.write(image, "png", out)) {
      throw new IOException("this Java runtime has no PNG writer");
    }
  }

  private static int color(double density) {
    int color = 0;
    for (int channel = 0; channel < 3; channel++) {
      long value = Math.round(NONE[channel] + density * (ALL[channel] - NONE[channel]));
      color = color << 8 | (int) value;
    }
    return color;
  }

  private static String hex(int color) {
    return String.format(Locale.ROOT, "#%06x", color);
  }
}
