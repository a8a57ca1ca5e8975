package dev.sightline.mask;

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
   * Writes a mask.
   *
   * @throws IllegalArgumentException if an array cannot hold its cells
   */
  public static AdditiveMask of(BoundMask mask, Fill fill, FloatType type) {
    MaskShape all = mask.shape();
    MaskShape shape = new MaskShape(all.batch(), mask.mask().heads(), all.queries(), all.keys());
    float[] values = new float[shape.cellsInAnArray("additive values")];
    Arrays.fill(values, fill.in(type));
    int at = 0;
    for (int b = 0; b < shape.batch(); b++) {
      for (int h = 0; h < shape.heads(); h++) {
        for (int i = 0; i < shape.queries(); i++, at += shape.keys()) {
          Runs row = mask.row(b, h, i);
          for (int run = 0; run < row.count(); run++) {
            Arrays.fill(values, at + row.start(run), at + row.end(run), 0);
          }
        }
      }
    }
    return new AdditiveMask(shape, type, values);
  }

  /**
   * Wraps values that come from elsewhere, {@code [B, H, Lq, Lk]} in row-major order.
   *
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

  public MaskShape shape() {
    return shape;
  }

  public FloatType type() {
    return type;
  }

  /** A copy of the values, row-major. */
  public float[] values() {
    return values.clone();
  }

  /**
   * The sum of two additive masks as the type computes it. Where both forbid, two lowest values
   * give -infinity.
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
   * Reads the values back: 0 allows, anything up to the fill forbids.
   *
   * @throws IllegalArgumentException if a value is NaN, or lies between the fill and 0 or above 0,
   *     which makes it a bias and not a mask
   */
  public Mask toMask(Fill fill) {
    float limit = fill.in(type);
    boolean[] cells = new boolean[values.length];
    for (int at = 0; at < cells.length; at++) {
      cells[at] = allows(at, limit);
    }
    return Mask.dense(Polarity.TRUE_ATTENDS, shape, cells);
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
