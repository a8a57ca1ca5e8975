package dev.sightline.mask;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Masks as booleans, in and out. */
final class BooleanForm {
  private BooleanForm() {}

  static RowRuns rows(Polarity polarity, boolean[][] cells) {
    if (cells.length == 0 || cells[0].length == 0) {
      throw new IllegalArgumentException("a dense mask needs at least one query and one key");
    }
    if (polarity == Polarity.TRUE_ATTENDS) {
      return RowRuns.of(cells);
    }
    boolean[][] allowed = new boolean[cells.length][];
    for (int i = 0; i < cells.length; i++) {
      allowed[i] = new boolean[cells[i].length];
      for (int j = 0; j < cells[i].length; j++) {
        allowed[i][j] = !cells[i][j];
      }
    }
    return RowRuns.of(allowed);
  }

  static Mask read(Polarity polarity, MaskShape shape, boolean[] cells) {
    if (cells.length != shape.cells()) {
      throw new IllegalArgumentException(
          "shape " + shape + " has " + shape.cells() + " cells, but there are " + cells.length);
    }
    Mask[] batch = new Mask[shape.batch()];
    int at = 0;
    for (int b = 0; b < batch.length; b++) {
      Mask[] heads = new Mask[shape.heads()];
      for (int h = 0; h < heads.length; h++) {
        boolean[][] rows = new boolean[shape.queries()][];
        for (int i = 0; i < rows.length; i++, at += shape.keys()) {
          rows[i] = Arrays.copyOfRange(cells, at, at + shape.keys());
        }
        heads[h] = Mask.dense(polarity, rows);
      }
      batch[b] = heads.length == 1 ? heads[0] : Mask.perHead(heads);
    }
    return batch.length == 1 ? batch[0] : Mask.perBatch(batch);
  }

  static List<Bits> flags(int[][] mask) {
    List<Bits> rows = new ArrayList<>();
    for (int b = 0; b < mask.length; b++) {
      boolean[] row = new boolean[mask[b].length];
      for (int j = 0; j < row.length; j++) {
        if (mask[b][j] != 0 && mask[b][j] != 1) {
          throw new IllegalArgumentException(
              "an attention mask holds 0 and 1 only, but row "
                  + b
                  + ", token "
                  + j
                  + " is "
                  + mask[b][j]);
        }
        row[j] = mask[b][j] == 1;
      }
      rows.add(Bits.of(row));
    }
    return rows;
  }

  /** {@code [B, H, Lq, Lk]} in row-major order. */
  static boolean[] of(BoundMask mask, Polarity polarity) {
    MaskShape shape = mask.shape();
    boolean[] cells = new boolean[shape.cellsInAnArray("booleans")];
    boolean attends = polarity == Polarity.TRUE_ATTENDS;
    if (!attends) {
      Arrays.fill(cells, true);
    }
    int at = 0;
    for (int b = 0; b < shape.batch(); b++) {
      for (int h = 0; h < shape.heads(); h++) {
        for (int i = 0; i < shape.queries(); i++, at += shape.keys()) {
          Runs row = mask.row(b, h, i);
          for (int run = 0; run < row.count(); run++) {
            Arrays.fill(cells, at + row.start(run), at + row.end(run), attends);
          }
        }
      }
    }
    return cells;
  }
}
