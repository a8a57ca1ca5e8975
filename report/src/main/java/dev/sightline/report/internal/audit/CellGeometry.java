package dev.sightline.report.internal.audit;

import java.util.function.BiPredicate;

/**
 * Where the cells of a mask are drawn, px. Cells of one kind are one SVG path whose runs are joined
 * along their row, so that a square of 64 x 64 cells is some kilobytes.
 *
 * @param rows queries
 * @param columns keys
 * @param left where the cells begin
 * @param top where the cells begin
 * @param side of a cell
 */
record CellGeometry(int rows, int columns, int left, int top, int side) {
  /** Where the cells end to the right. */
  int end() {
    return left + columns * side;
  }

  /** Where the cells end below. */
  int bottom() {
    return top + rows * side;
  }

  /** The cells that are wanted, as one path. */
  String path(BiPredicate<Integer, Integer> wanted) {
    StringBuilder path = new StringBuilder();
    for (int r = 0; r < rows; r++) {
      int from = -1;
      for (int c = 0; c <= columns; c++) {
        boolean in = c < columns && wanted.test(r, c);
        if (in && from < 0) {
          from = c;
        } else if (!in && from >= 0) {
          path.append(
              "M%d %dh%dv%dh-%dz"
                  .formatted(
                      left + from * side,
                      top + r * side,
                      (c - from) * side,
                      side,
                      (c - from) * side));
          from = -1;
        }
      }
    }
    return path.toString();
  }

  /** The border between cells that are wanted and others. */
  String outline(BiPredicate<Integer, Integer> wanted) {
    StringBuilder path = new StringBuilder();
    for (int r = 0; r <= rows; r++) {
      for (int c = 0; c < columns; c++) {
        if (is(wanted, r - 1, c) != is(wanted, r, c)) {
          path.append("M%d %dh%d".formatted(left + c * side, top + r * side, side));
        }
      }
    }
    for (int c = 0; c <= columns; c++) {
      for (int r = 0; r < rows; r++) {
        if (is(wanted, r, c - 1) != is(wanted, r, c)) {
          path.append("M%d %dv%d".formatted(left + c * side, top + r * side, side));
        }
      }
    }
    return path.toString();
  }

  private boolean is(BiPredicate<Integer, Integer> wanted, int row, int column) {
    return row >= 0 && column >= 0 && row < rows && column < columns && wanted.test(row, column);
  }
}
