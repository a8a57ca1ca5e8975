package dev.sightline.attention.internal.kernel;

import java.util.Arrays;

/**
 * Rows cut into panels of as many columns as a kernel is wide: {@code values[panel][row][column]}.
 * Rows of a panel have a constant distance, so that C2 proves the bounds of a loop over rows before
 * it, and what such a loop reads is contiguous. Columns that fill up the last panel are 0.
 */
public final class RowPanels {
  final float[] values;
  final int panels;

  /** Between the panels. */
  final int distance;

  private final int width;

  /**
   * Makes rows of zeros.
   *
   * @param width of the kernel
   */
  public RowPanels(int rows, int columns, int width) {
    this.width = width;
    this.panels = Math.ceilDiv(columns, width);
    this.distance = Math.multiplyExact(rows, width);
    this.values = new float[Math.multiplyExact(panels, distance)];
  }

  /** Sets all rows to 0. */
  public void clear() {
    Arrays.fill(values, 0f);
  }

  /** Sets rows [first, end) to 0. */
  public void clear(int first, int end) {
    for (int panel = 0; panel < values.length; panel += distance) {
      Arrays.fill(values, panel + first * width, panel + end * width, 0f);
    }
  }

  /** Copies a row from an array. */
  public void set(int row, float[] from, int at, int columns) {
    int to = row * width;
    for (int column = 0; column < columns; column += width, to += distance) {
      System.arraycopy(from, at + column, values, to, Math.min(width, columns - column));
    }
  }

  /** Copies a row to an array, multiplied by a factor. */
  public void get(int row, float factor, float[] to, int at, int columns) {
    int from = row * width;
    for (int column = 0; column < columns; column += width, from += distance) {
      int count = Math.min(width, columns - column);
      for (int c = 0; c < count; c++) {
        to[at + column + c] = values[from + c] * factor;
      }
    }
  }

  /** As {@link Kernel#settle}: makes -0 to +0, and tells whether all numbers are finite. */
  public boolean settle(Kernel kernel) {
    return kernel.settle(values);
  }
}
