package dev.sightline.report.internal.mask;

import dev.sightline.report.internal.page.ControlCharacters;
import java.util.List;
import java.util.Locale;

/** Draws grids as SVG, side by side. Adjacent squares of one colour are one rectangle. */
public final class GridSvg {
  private static final int LONGEST_SIDE = 1024;
  private static final int MOST_RULED = 64;
  private static final int GAP = 36;
  private static final int CHARACTER = 7;
  private static final int BOLD_CHARACTER = 8;
  private static final int MOST_CHARACTERS = 24;
  private static final int STRIP = 5;
  private static final String LEGEND =
      "red: only this mask allows the pair; red frame: only the other one does";

  private final List<MaskGrid> grids;
  private final StringBuilder svg = new StringBuilder();

  private GridSvg(List<MaskGrid> grids) {
    this.grids = grids;
  }

  /** The document. */
  public static String of(List<MaskGrid> grids) {
    return new GridSvg(grids).document();
  }

  /** The side of a square, px. */
  public static int square(MaskGrid grid) {
    return Math.clamp(LONGEST_SIDE / Math.max(grid.rows(), grid.columns()), 1, 16);
  }

  private static boolean isRuled(MaskGrid grid) {
    return grid.isExact() && Math.max(grid.rows(), grid.columns()) <= MOST_RULED;
  }

  private static int left(MaskGrid grid) {
    boolean ruled = isRuled(grid);
    List<String> names =
        ruled ? grid.rowNames() : grid.rowSpans().stream().map(Span::name).toList();
    int longest =
        Math.min(MOST_CHARACTERS, names.stream().mapToInt(String::length).max().orElse(0));
    return (ruled ? 24 : longest > 0 ? 8 : 0) + CHARACTER * longest + strip(grid);
  }

  private static int top(MaskGrid grid) {
    return (grid.title().isEmpty() ? 0 : 22)
        + (isRuled(grid) ? 18 : 0)
        + (grid.columnSpans().isEmpty() ? 0 : 16)
        + strip(grid);
  }

  private static int strip(MaskGrid grid) {
    return grid.isColoured() ? STRIP + 2 : 0;
  }

  private static int width(MaskGrid grid) {
    int title = grid.title().isEmpty() ? 0 : BOLD_CHARACTER * title(grid).length();
    return Math.max(grid.columns() * square(grid), title - left(grid));
  }

  private static String title(MaskGrid grid) {
    String shown = ControlCharacters.shown(grid.title());
    int most = Math.max(40, grid.columns() * square(grid) / CHARACTER);
    return shown.length() > most ? shown.substring(0, most - 3) + "..." : shown;
  }

  private String document() {
    MaskGrid first = grids.getFirst();
    boolean pair = grids.size() > 1;
    int left = left(first);
    int top = top(first);
    int width = left + width(first);
    for (MaskGrid grid : grids.subList(1, grids.size())) {
      width += GAP + left(grid) + width(grid);
    }
    if (pair) {
      width = Math.max(width, LEGEND.length() * 6);
    }
    int height = top + first.rows() * square(first) + (pair ? 26 : 0);
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"%d %d %d %d\" role=\"img\">%n<title>%s, %d queries down,"
                + " %d keys across; dark may attend</title>%n",
            width,
            height,
            -left,
            -top,
            width,
            height,
            pair ? "two attention masks" : "attention mask",
            first.shape().queries(),
            first.shape().keys()));
    int x = 0;
    for (MaskGrid grid : grids) {
      if (x > 0) {
        svg.append("<g transform=\"translate(").append(x).append(" 0)\">\n");
      }
      panel(grid);
      if (x > 0) {
        svg.append("</g>\n");
      }
      x += width(grid) + GAP + left(grid);
    }
    if (pair) {
      text(-left, first.rows() * square(first) + 19, "start", "#808080", LEGEND);
    }
    return svg.append("</svg>\n").toString().replace("\r\n", "\n");
  }

  private void panel(MaskGrid grid) {
    int square = square(grid);
    int width = grid.columns() * square;
    int height = grid.rows() * square;
    rectangle(0, 0, width, height, MaskColours.of(-1, 0));
    squares(grid, square);
    if (isRuled(grid)) {
      rules(square, width, height);
    }
    marks(grid, square);
    names(grid, square);
  }

  private void squares(MaskGrid grid, int square) {
    int[] names = grid.columnColours();
    int empty = MaskColours.of(-1, 0);
    for (int r = 0; r < grid.rows(); r++) {
      double[] row = grid.share()[r];
      for (int c = 0; c < row.length; ) {
        int colour = MaskColours.of(names[c], row[c]);
        int end = c + 1;
        while (end < row.length && MaskColours.of(names[end], row[end]) == colour) {
          end++;
        }
        if (colour != empty) {
          rectangle(c * square, r * square, (end - c) * square, square, colour);
        }
        c = end;
      }
    }
  }

  private void marks(MaskGrid grid, int square) {
    double[][] only = grid.only();
    double[][] lacks = grid.lacks();
    if (only == null || lacks == null) {
      return;
    }
    for (int r = 0; r < grid.rows(); r++) {
      for (int c = 0; c < grid.columns(); c++) {
        if (only[r][c] > 0) {
          int inset = square > 4 ? 1 : 0;
          rectangle(
              c * square + inset,
              r * square + inset,
              square - 2 * inset,
              square - 2 * inset,
              MaskColours.ONLY);
        }
        if (lacks[r][c] > 0) {
          double inset = square > 4 ? 2.5 : 0.5;
          svg.append(
              String.format(
                  Locale.ROOT,
                  "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"none\""
                      + " stroke=\"%s\"/>%n",
                  c * square + inset,
                  r * square + inset,
                  Math.max(0.5, square - 2 * inset),
                  Math.max(0.5, square - 2 * inset),
                  MaskColours.hex(MaskColours.ONLY)));
        }
      }
    }
  }

  private void rules(int square, int width, int height) {
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
  private void names(MaskGrid grid, int square) {
    boolean ruled = isRuled(grid);
    int strip = strip(grid);
    String grey = "#808080";
    svg.append("<g font-family=\"sans-serif\" font-size=\"10\" fill=\"")
        .append(grey)
        .append("\">\n");
    if (ruled) {
      for (int k = 0; k < grid.columns(); k++) {
        text(k * square + square / 2, -5 - strip, "middle", "", Integer.toString(k));
      }
      for (int q = 0; q < grid.rows(); q++) {
        String name = grid.rowNames().isEmpty() ? "" : " " + grid.rowNames().get(q);
        text(-5 - strip, q * square + square / 2 + 4, "end", "", shown(q + name));
      }
    } else {
      for (Span span : grid.rowSpans()) {
        text(
            -5 - strip,
            at(span, grid.shape().queries(), grid.rows() * square) + 4,
            "end",
            "",
            shown(span.name()));
      }
    }
    int above = -(ruled ? 18 : 0) - strip - 5;
    for (Span span : grid.columnSpans()) {
      int room =
          (int) ((long) (span.to() - span.from()) * grid.columns() * square / grid.shape().keys());
      String name = shown(span.name());
      String fitting =
          name.length() * 6 <= Math.max(room, square) ? name : shortened(name, room / 6);
      text(at(span, grid.shape().keys(), grid.columns() * square), above, "middle", "", fitting);
    }
    if (!grid.title().isEmpty()) {
      svg.append("<g font-size=\"12\" font-weight=\"bold\">\n");
      text(-left(grid), -top(grid) + 13, "start", "", title(grid));
      svg.append("</g>\n");
    }
    svg.append("</g>\n");
    if (strip > 0) {
      Strips.draw(grid, square, STRIP, 1, this::rectangle);
    }
  }

  private static String shortened(String name, int most) {
    return most < 4 ? "" : name.substring(0, Math.min(name.length(), most) - 1) + ".";
  }

  private static String shown(String name) {
    String shown = ControlCharacters.shown(name);
    return shown.length() > MOST_CHARACTERS + 4
        ? shown.substring(0, MOST_CHARACTERS + 1) + "..."
        : shown;
  }

  private static int at(Span span, int tokens, int length) {
    return (int) (((long) span.from() + span.to()) * length / (2L * tokens));
  }

  private void rectangle(int x, int y, int width, int height, int colour) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"%s\"/>%n",
            x,
            y,
            width,
            height,
            MaskColours.hex(colour)));
  }

  private void text(int x, int y, String anchor, String fill, String text) {
    if (text.isEmpty()) {
      return;
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\"%s>%s</text>%n",
            x,
            y,
            anchor,
            fill.isEmpty()
                ? ""
                : " font-family=\"sans-serif\" font-size=\"11\" fill=\"" + fill + "\"",
            text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")));
  }
}
