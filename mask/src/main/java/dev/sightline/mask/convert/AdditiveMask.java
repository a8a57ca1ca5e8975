package dev.sightline.mask.convert;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Cell;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import java.util.Arrays;

/**
 * A mask as numbers that are added to the scores: 0 where a pair is allowed, the fill where not.
 * Its shape is {@code [B, 1, Lq, Lk]} where the heads are alike, and {@code [B, H, Lq, Lk]}
 * otherwise.
 */
public final class AdditiveMask {
  private final MaskShape shape;
  private final FloatType type;
  private final float[] values;

  private AdditiveMask(MaskShape shape, FloatType type, float[] values) {
    this.shape = shape;
    this.type = type;
    this.values = values;
  }

  /**
   * {@return the additive form of a mask}
   *
   * @param mask the mask and its sizes
   * @param fill what a forbidden pair gets
   * @param type the type the values are rounded to
   * @throws IllegalArgumentException if an array cannot hold its cells
   */
  public static AdditiveMask of(BoundMask mask, Fill fill, FloatType type) {
    MaskShape all = mask.shape();
    MaskShape shape = new MaskShape(all.batch(), mask.mask().heads(), all.queries(), all.keys());
    float[] values = new float[Cells.inAnArray(shape, "additive values")];
    Arrays.fill(values, fill.in(type));
    Cells.forEachRun(mask, shape, (start, end) -> Arrays.fill(values, start, end, 0));
    return new AdditiveMask(shape, type, values);
  }

  /**
   * {@return an additive mask of the values of another system, in row-major order}
   *
   * @param shape {@code [B, H, Lq, Lk]}
   * @param type the type the values are rounded to
   * @param values {@code [B, H, Lq, Lk]}
   * @throws IllegalArgumentException if their number is not the shape's
   */
  public static AdditiveMask wrap(MaskShape shape, FloatType type, float[] values) {
    if (values.length != shape.cells()) {
      throw new IllegalArgumentException(
          "shape "
              + shape
              + " has "
              + shape.cells()
              + " cells, but there are "
              + values.length
              + " values");
    }
    return new AdditiveMask(shape, type, values.clone());
  }

  /** {@return {@code [B, H, Lq, Lk]}, with one head where all are alike} */
  public MaskShape shape() {
    return shape;
  }

  /** {@return the type that the values are rounded to} */
  public FloatType type() {
    return type;
  }

  /** {@return a copy of the values, row-major} */
  public float[] values() {
    return values.clone();
  }

  /**
   * {@return the sum of two additive masks as the type computes it} Where both forbid, two lowest
   * values give -infinity.
   *
   * @param other another of the same shape and type
   * @throws IllegalArgumentException if shape or type differ
   */
  public AdditiveMask plus(AdditiveMask other) {
    if (!shape.equals(other.shape) || type != other.type) {
      throw new IllegalArgumentException(
          "two additive masks of the same shape and type are needed, but they are "
              + shape
              + " of "
              + type
              + " and "
              + other.shape
              + " of "
              + other.type);
    }
    float[] sum = new float[values.length];
    for (int k = 0; k < sum.length; k++) {
      sum[k] = type.add(values[k], other.values[k]);
    }
    return new AdditiveMask(shape, type, sum);
  }

  /**
   * {@return the mask of these values: 0 allows, anything up to the fill forbids}
   *
   * @param fill the largest value that forbids
   * @throws IllegalArgumentException if a value is NaN, or is between the fill and 0 or above 0,
   *     which makes it a bias and not a mask
   */
  public Mask toMask(Fill fill) {
    float limit = fill.in(type);
    boolean[] cells = new boolean[values.length];
    for (int at = 0; at < cells.length; at++) {
      cells[at] = allows(at, limit);
    }
    return BooleanMask.toMask(Polarity.TRUE_ATTENDS, shape, cells);
  }

  private boolean allows(int at, float limit) {
    float value = values[at];
    if (value == 0) {
      return true;
    }
    if (value <= limit) {
      return false;
    }
    int row = at / shape.keys();
    int picture = row / shape.queries();
    Cell cell =
        new Cell(
            picture / shape.heads(),
            picture % shape.heads(),
            row % shape.queries(),
            at % shape.keys());
    throw new IllegalArgumentException(
        "an additive mask holds 0 and the fill "
            + limit
            + " or less, but cell "
            + cell
            + " is "
            + value
            + (Float.isNaN(value) ? "" : ", which is a bias and no mask"));
  }
}
