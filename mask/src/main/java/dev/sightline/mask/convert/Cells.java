package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import java.util.function.IntFunction;

/** Cells of masks in arrays, {@code [B, H, Lq, Lk]} in row-major order. */
final class Cells {
  @FunctionalInterface
  interface Run {
    void at(int start, int end);
  }

  private Cells() {}

  /**
   * The number of cells as the length of an array.
   *
   * @param form what the array holds, for the message
   * @throws IllegalArgumentException if an array cannot hold them
   */
  static int inAnArray(MaskShape shape, String form) {
    if (shape.cells() > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          form
              + " of shape "
              + shape
              + " would need "
              + shape.cells()
              + " elements, and an array holds fewer than 2^31; ask for rows, tiles or runs");
    }
    return (int) shape.cells();
  }

  /** Calls for each run of allowed cells, with its indices in an array of the given shape. */
  static void forEachRun(BoundMask mask, MaskShape shape, Run run) {
    int at = 0;
    for (int b = 0; b < shape.batch(); b++) {
      for (int h = 0; h < shape.heads(); h++) {
        for (int i = 0; i < shape.queries(); i++, at += shape.keys()) {
          Runs row = mask.row(b, h, i);
          for (int r = 0; r < row.count(); r++) {
            run.at(at + row.start(r), at + row.end(r));
          }
        }
      }
    }
  }

  /**
   * The mask of several pictures.
   *
   * @param picture the mask of batch row b and head h, asked for as {@code b * heads + h}
   */
  static Mask combine(int batch, int heads, IntFunction<Mask> picture) {
    Mask[] rows = new Mask[batch];
    for (int b = 0; b < batch; b++) {
      Mask[] each = new Mask[heads];
      for (int h = 0; h < heads; h++) {
        each[h] = picture.apply(b * heads + h);
      }
      rows[b] = heads == 1 ? each[0] : Mask.perHead(each);
    }
    return batch == 1 ? rows[0] : Mask.perBatch(rows);
  }
}
