package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.Arrays;

/** Masks as booleans, {@code [B, H, Lq, Lk]} in row-major order. */
public final class BooleanMask {
  private BooleanMask() {}

  /**
   * Every cell of a mask: for tests, small pictures and systems that take nothing else.
   *
   * @param mask the mask and its sizes
   * @param polarity whether {@code true} allows a pair or forbids it
   * @return {@code [B, H, Lq, Lk]} in row-major order
   * @throws IllegalArgumentException if an array cannot hold the cells
   */
  public static boolean[] of(BoundMask mask, Polarity polarity) {
    MaskShape shape = mask.shape();
    boolean[] cells = new boolean[Cells.inAnArray(shape, "booleans")];
    boolean attends = polarity == Polarity.TRUE_ATTENDS;
    Arrays.fill(cells, !attends);
    Cells.forEachRun(mask, shape, (start, end) -> Arrays.fill(cells, start, end, attends));
    return cells;
  }

  /**
   * {@return the mask of one picture, {@code [Lq, Lk]}}
   *
   * @param polarity whether {@code true} allows a pair or forbids it
   * @param cells {@code [Lq, Lk]}; rows of equal length
   * @throws IllegalArgumentException if there is no cell, or rows differ in length
   */
  public static Mask toMask(Polarity polarity, boolean[][] cells) {
    if (polarity == Polarity.TRUE_ATTENDS) {
      return Mask.dense(cells);
    }
    boolean[][] allowed = new boolean[cells.length][];
    for (int i = 0; i < cells.length; i++) {
      allowed[i] = new boolean[cells[i].length];
      for (int j = 0; j < cells[i].length; j++) {
        allowed[i][j] = !cells[i][j];
      }
    }
    return Mask.dense(allowed);
  }

  /**
   * {@return the mask of cells in row-major order: what {@link #of} gives}
   *
   * @param polarity whether {@code true} allows a pair or forbids it
   * @param shape {@code [B, H, Lq, Lk]}
   * @param cells {@code [B, H, Lq, Lk]} in row-major order
   * @throws IllegalArgumentException if there are not as many cells as the shape says
   */
  public static Mask toMask(Polarity polarity, MaskShape shape, boolean[] cells) {
    if (cells.length != shape.cells()) {
      throw new IllegalArgumentException(
          "shape " + shape + " has " + shape.cells() + " cells, but there are " + cells.length);
    }
    return Cells.combine(
        shape.batch(),
        shape.heads(),
        picture -> {
          boolean[][] rows = new boolean[shape.queries()][];
          for (int i = 0; i < rows.length; i++) {
            int at = (picture * shape.queries() + i) * shape.keys();
            rows[i] = Arrays.copyOfRange(cells, at, at + shape.keys());
          }
          return toMask(polarity, rows);
        });
  }
}
