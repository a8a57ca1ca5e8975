package dev.sightline.report.internal.mask;

import java.awt.image.BufferedImage;
import java.util.List;

/** Draws grids as pixels, side by side, without names: a machine may have no fonts. */
public final class GridImage {
  private static final int STRIP = 6;
  private static final int BACKGROUND = 0xFFFFFF;

  private GridImage() {}

  /**
   * The image.
   *
   * @param square the side of a square, px
   * @param strips whether the names' colours are beside the squares
   */
  public static BufferedImage of(List<MaskGrid> grids, int square, boolean strips) {
    int gap = Math.max(4, 2 * square);
    MaskGrid first = grids.getFirst();
    int margin = strips && first.isColoured() ? STRIP + 2 : 0;
    int panel = margin + first.columns() * square;
    BufferedImage image =
        new BufferedImage(
            grids.size() * panel + (grids.size() - 1) * gap,
            margin + first.rows() * square,
            BufferedImage.TYPE_INT_RGB);
    if (margin > 0 || grids.size() > 1) {
      fill(image, 0, 0, image.getWidth(), image.getHeight(), BACKGROUND);
    }
    for (int g = 0; g < grids.size(); g++) {
      int left = g * (panel + gap) + margin;
      squares(image, grids.get(g), left, margin, square);
      if (margin > 0) {
        Strips.draw(
            grids.get(g),
            square,
            STRIP,
            2,
            (x, y, width, height, colour) ->
                fill(image, left + x, margin + y, width, height, colour));
      }
    }
    return image;
  }

  private static void squares(BufferedImage image, MaskGrid grid, int left, int top, int square) {
    int[] names = grid.columnColours();
    double[][] only = grid.only();
    double[][] lacks = grid.lacks();
    for (int r = 0; r < grid.rows(); r++) {
      for (int c = 0; c < grid.columns(); c++) {
        int x = left + c * square;
        int y = top + r * square;
        boolean mine = only != null && only[r][c] > 0;
        fill(
            image,
            x,
            y,
            square,
            square,
            mine ? MaskColours.ONLY : MaskColours.of(names[c], grid.share()[r][c]));
        if (!mine && lacks != null && lacks[r][c] > 0) {
          frame(image, x, y, square);
        }
      }
    }
  }

  private static void frame(BufferedImage image, int x, int y, int side) {
    fill(image, x, y, side, 1, MaskColours.ONLY);
    fill(image, x, y + side - 1, side, 1, MaskColours.ONLY);
    fill(image, x, y, 1, side, MaskColours.ONLY);
    fill(image, x + side - 1, y, 1, side, MaskColours.ONLY);
  }

  private static void fill(BufferedImage image, int x, int y, int width, int height, int colour) {
    for (int i = y; i < Math.min(y + height, image.getHeight()); i++) {
      for (int j = x; j < Math.min(x + width, image.getWidth()); j++) {
        image.setRGB(j, i, colour);
      }
    }
  }
}
