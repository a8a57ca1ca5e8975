package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.Runs;
import dev.sightline.mask.Tiles;
import dev.sightline.mask.internal.band.IntBuffer;
import dev.sightline.mask.internal.band.RunSet;
import dev.sightline.mask.internal.band.TileRuns;
import dev.sightline.mask.internal.band.TileTranspose;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A mask as the {@code startend_row_indices} of FlashMask (Wang et al., 2024, and Paddle's {@code
 * flashmask_attention}): for every key, between which rows it is hidden. {@code [B, H, Lk, n]}:
 *
 * <ul>
 *   <li>causal, n = 1: rows from the number on; the rows above the diagonal are hidden anyway
 *   <li>causal, n = 2: rows from the first number to the second, which is not hidden
 *   <li>not causal, n = 2: rows from the first number on, and rows before the second
 *   <li>not causal, n = 4: two such stretches, below and above the diagonal
 * </ul>
 */
public final class FlashMask {
  private final MaskShape shape;
  private final boolean causal;
  private final int bounds;
  private final int[] indices;

  private FlashMask(MaskShape shape, boolean causal, int bounds, int[] indices) {
    this.shape = shape;
    this.causal = causal;
    this.bounds = bounds;
    this.indices = indices;
  }

  /**
   * {@return the form of the numbers of another system}
   *
   * @param shape {@code [B, H, L, L]}
   * @param causal whether the rows above the diagonal are hidden anyway
   * @param bounds the number of indices per key: 1 or 2 where causal, else 2 or 4
   * @param indices {@code [B, H, L, bounds]} in row-major order, each between 0 and L
   * @throws IllegalArgumentException if the shape is not square, or the numbers do not fit it
   */
  public static FlashMask of(MaskShape shape, boolean causal, int bounds, int[] indices) {
    square(shape);
    if (bounds != 2 && bounds != (causal ? 1 : 4)) {
      throw new IllegalArgumentException(
          "startend_row_indices has "
              + (causal ? "1 or 2" : "2 or 4")
              + " numbers per key where it is "
              + (causal ? "" : "not ")
              + "causal, but has "
              + bounds);
    }
    long expected = (long) shape.batch() * shape.heads() * shape.keys() * bounds;
    if (indices.length != expected) {
      throw new IllegalArgumentException(
          "startend_row_indices of shape ["
              + shape.batch()
              + ", "
              + shape.heads()
              + ", "
              + shape.keys()
              + ", "
              + bounds
              + "] has "
              + expected
              + " numbers, but there are "
              + indices.length);
    }
    for (int k = 0; k < indices.length; k++) {
      if (indices[k] < 0 || indices[k] > shape.queries()) {
        throw new IllegalArgumentException(
            "a row index must be between 0 and "
                + shape.queries()
                + ", but that of key "
                + k / bounds % shape.keys()
                + " is "
                + indices[k]);
      }
    }
    return new FlashMask(shape, causal, bounds, indices.clone());
  }

  /**
   * {@return the shortest form that can express a mask}
   *
   * @param mask the mask and its sizes
   * @throws IllegalArgumentException if a key is hidden in more stretches of rows than the form has
   */
  public static FlashMask of(BoundMask mask) {
    square(mask.shape());
    int length = mask.shape().keys();
    MaskShape shape = new MaskShape(mask.mask().batchRows(), mask.mask().heads(), length, length);
    int[] four = new int[size(shape)];
    for (int b = 0, at = 0; b < shape.batch(); b++) {
      for (int h = 0; h < shape.heads(); h++, at += 4 * length) {
        columns(mask.tiles(b, h, 1, 1).transpose(), length, four, at);
      }
    }
    return shortest(shape, four);
  }

  private static int size(MaskShape shape) {
    double size = 4.0 * shape.batch() * shape.heads() * shape.keys();
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "FlashMask's indices of "
              + shape
              + " would need "
              + Math.round(size)
              + " elements, and an array holds fewer than 2^31");
    }
    return (int) size;
  }

  private static void square(MaskShape shape) {
    if (shape.queries() != shape.keys()) {
      throw new IllegalArgumentException(
          "FlashMask's indices need as many queries as keys, but the mask is " + shape);
    }
  }

  /** Lower start and end, upper start and end, of every key. */
  private static void columns(Tiles byKey, int length, int[] four, int offset) {
    for (int j = 0; j < length; j++) {
      int at = offset + 4 * j;
      four[at] = length;
      four[at + 1] = length;
      int hidden = 0;
      for (int run = byKey.rowStart()[j]; run <= byKey.rowStart()[j + 1]; run++) {
        boolean last = run == byKey.rowStart()[j + 1];
        int end = last ? length : byKey.runStart()[run];
        upper(four, at, j, hidden, Math.min(end, j));
        lower(four, at, j, Math.max(hidden, j), end, length);
        hidden = last ? length : byKey.runEnd()[run];
      }
    }
  }

  private static void upper(int[] four, int at, int key, int start, int end) {
    if (start >= end) {
      return;
    }
    if (four[at + 3] > 0) {
      throw tooMany(key, "above");
    }
    four[at + 2] = start;
    four[at + 3] = end;
  }

  private static void lower(int[] four, int at, int key, int start, int end, int length) {
    if (start >= end) {
      return;
    }
    if (four[at] < length) {
      throw tooMany(key, "below");
    }
    four[at] = start;
    four[at + 1] = end;
  }

  private static IllegalArgumentException tooMany(int key, String where) {
    return new IllegalArgumentException(
        "FlashMask hides a key in one stretch of rows on each side of the diagonal, but key "
            + key
            + " is hidden in more than one "
            + where
            + " it");
  }

  private static FlashMask shortest(MaskShape shape, int[] four) {
    int length = shape.keys();
    boolean causal = true;
    boolean toTheEnd = true;
    boolean fromTheTop = true;
    for (int k = 0; k < four.length / 4; k++) {
      int key = k % length;
      causal &= key == 0 || (four[4 * k + 2] == 0 && four[4 * k + 3] == key);
      toTheEnd &= four[4 * k + 1] == length;
      fromTheTop &= four[4 * k + 2] == 0;
    }
    if (causal) {
      return toTheEnd ? pick(shape, true, four, 0) : pick(shape, true, four, 0, 1);
    }
    return toTheEnd && fromTheTop
        ? pick(shape, false, four, 0, 3)
        : pick(shape, false, four, 0, 1, 2, 3);
  }

  private static FlashMask pick(MaskShape shape, boolean causal, int[] four, int... which) {
    int[] picked = new int[four.length / 4 * which.length];
    for (int k = 0; k < picked.length; k++) {
      picked[k] = four[4 * (k / which.length) + which[k % which.length]];
    }
    return new FlashMask(shape, causal, which.length, picked);
  }

  /** {@return {@code [B, H]} as the indices tell them apart, with L queries and keys} */
  public MaskShape shape() {
    return shape;
  }

  /** {@return whether the rows above the diagonal are hidden anyway} */
  public boolean causal() {
    return causal;
  }

  /** {@return the number of indices per key} */
  public int bounds() {
    return bounds;
  }

  /** {@return a copy of the indices, {@code [B, H, L, bounds]}} */
  public int[] indices() {
    return indices.clone();
  }

  /** {@return the mask of these indices, cell by cell as runs} */
  public Mask toMask() {
    return Cells.combine(shape.batch(), shape.heads(), picture -> mask(picture * shape.keys()));
  }

  private Mask mask(int firstKey) {
    int length = shape.keys();
    int[] first = new int[length + 1];
    IntBuffer starts = new IntBuffer();
    IntBuffer ends = new IntBuffer();
    for (int j = 0; j < length; j++) {
      int[] shown = shown(j, (firstKey + j) * bounds);
      for (int b = 0; b < shown.length; b += 2) {
        starts.add(shown[b]);
        ends.add(shown[b + 1]);
      }
      first[j + 1] = starts.size();
    }
    boolean[] full = new boolean[starts.size()];
    Arrays.fill(full, true);
    TileRuns byRow =
        TileTranspose.of(
            new TileRuns(length, length, 1, 1, first, starts.toArray(), ends.toArray(), full));
    List<Runs> rows = new ArrayList<>();
    for (int i = 0; i < length; i++) {
      int run = byRow.rowStart()[i];
      int[] row = new int[2 * (byRow.rowStart()[i + 1] - run)];
      for (int b = 0; b < row.length; b += 2, run++) {
        row[b] = byRow.runStart()[run];
        row[b + 1] = byRow.runEnd()[run];
      }
      rows.add(Runs.of(row));
    }
    return Mask.rows(length, rows);
  }

  /** The rows that see a key, as run bounds. */
  private int[] shown(int key, int at) {
    int length = shape.keys();
    // Two hidden stretches, one of which may be above all rows or be none.
    int lowStart = indices[at];
    int lowEnd = bounds == 4 || (causal && bounds == 2) ? indices[at + 1] : length;
    int upStart = bounds == 4 ? indices[at + 2] : 0;
    int upEnd = causal ? key : indices[at + bounds - 1];
    int[][] hidden =
        upStart <= lowStart
            ? new int[][] {{upStart, upEnd}, {lowStart, lowEnd}}
            : new int[][] {{lowStart, lowEnd}, {upStart, upEnd}};
    RunSet shown = new RunSet();
    int row = 0;
    for (int[] stretch : hidden) {
      if (stretch[0] < stretch[1]) {
        shown.add(row, stretch[0]);
        row = Math.max(row, stretch[1]);
      }
    }
    shown.add(row, length);
    return shown.toBounds();
  }
}
