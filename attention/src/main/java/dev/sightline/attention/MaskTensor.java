package dev.sightline.attention;

import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.BooleanMask;
import dev.sightline.mask.convert.Polarity;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A mask tensor, split into the pairs that may attend and the numbers to add to their scores.
 *
 * @param mask the pairs for which a tensor of booleans is true, or numbers are not minus infinity
 * @param bias the finite numbers, {@code [B, Hq, Lq, Lk]} where each of the first three may be 1;
 *     null if they are all 0
 */
public record MaskTensor(Mask mask, @Nullable FloatTensor bias) {
  /**
   * Finite numbers are limited to this. A kernel computes powers of two, and the lowest float times
   * log2(e) would be minus infinity, which masks: a row of nothing but lowest floats must be
   * uniform, as the definition has it, and not empty.
   */
  private static final float LARGEST = 0x1p127f;

  private static final int RANK = 4;

  /**
   * Splits a tensor.
   *
   * @param tensor booleans (true = may attend) or numbers to add to scores. It has up to four axes,
   *     the last ones of {@code [B, Hq, Lq, Lk]}, each as long as there, or 1
   * @param shape {@code [B, Hq, Lq, Lk]}
   * @return its mask and bias
   * @throws IllegalArgumentException if an axis has another length, or there are more than four
   */
  public static MaskTensor of(RawTensor tensor, MaskShape shape) {
    return new Reader(tensor, shape, false).read();
  }

  /**
   * Splits a tensor as {@link #of} does, but its last axis may be shorter: the keys beyond its end
   * are masked, as for attn_mask of the ONNX Attention operator.
   *
   * @param tensor as for {@link #of}
   * @param shape {@code [B, Hq, Lq, Lk]}
   * @return its mask and bias
   * @throws IllegalArgumentException if an axis has another length, or there are more than four
   */
  public static MaskTensor padded(RawTensor tensor, MaskShape shape) {
    return new Reader(tensor, shape, true).read();
  }

  /**
   * Joins two mask tensors.
   *
   * @param other a mask tensor of the same {@code [B, Hq, Lq, Lk]}
   * @return the pairs that both allow, with the sum of both biases
   */
  public MaskTensor and(MaskTensor other) {
    boolean full = mask.equals(Mask.full());
    Mask both = full ? other.mask : other.mask.equals(Mask.full()) ? mask : mask.and(other.mask);
    return new MaskTensor(
        both, bias == null ? other.bias : other.bias == null ? bias : sum(bias, other.bias));
  }

  private static FloatTensor sum(FloatTensor a, FloatTensor b) {
    int[] dims = new int[RANK];
    for (int axis = 0; axis < RANK; axis++) {
      dims[axis] = Math.max(a.shape().dim(axis), b.shape().dim(axis));
    }
    Shape shape = Shape.of(dims);
    float[] sum = new float[shape.size()];
    int at = 0;
    for (int i = 0; i < dims[0]; i++) {
      for (int h = 0; h < dims[1]; h++) {
        for (int q = 0; q < dims[2]; q++) {
          int left = row(a, i, h, q);
          int right = row(b, i, h, q);
          for (int k = 0; k < dims[3]; k++) {
            sum[at++] = bounded(a.data()[left + k] + b.data()[right + k]);
          }
        }
      }
    }
    return FloatTensor.of(shape, sum);
  }

  private static int row(FloatTensor x, int batch, int head, int query) {
    Shape s = x.shape();
    return x.offset(s.dim(0) == 1 ? 0 : batch, s.dim(1) == 1 ? 0 : head, s.dim(2) == 1 ? 0 : query);
  }

  private static float bounded(float x) {
    return Math.clamp(x, -LARGEST, LARGEST);
  }

  /** Maps the axes of the tensor to {@code [B, Hq, Lq, Lk]}. */
  private static final class Reader {
    private final RawTensor tensor;
    private final MaskShape shape;
    private final boolean padded;
    private final int[] dims = new int[RANK];

    /** The number of keys that the tensor covers; the others are masked. */
    private final int known;

    Reader(RawTensor tensor, MaskShape shape, boolean padded) {
      this.tensor = tensor;
      this.shape = shape;
      this.padded = padded;
      Shape given = tensor.shape();
      if (given.rank() < 1 || given.rank() > RANK) {
        throw misfit();
      }
      int[] full = {shape.batch(), shape.heads(), shape.queries(), shape.keys()};
      Arrays.fill(dims, 1);
      for (int axis = 0; axis < given.rank(); axis++) {
        int of = RANK - given.rank() + axis;
        dims[of] = given.dim(axis);
        boolean shorter = padded && of == RANK - 1 && dims[of] < full[of];
        if (dims[of] != full[of] && dims[of] != 1 && !shorter) {
          throw misfit();
        }
      }
      known = padded ? Math.min(dims[RANK - 1], shape.keys()) : shape.keys();
    }

    private IllegalArgumentException misfit() {
      return new IllegalArgumentException(
          "a mask "
              + tensor
              + " does not fit "
              + shape
              + ", batch, query heads, queries and keys: its axes must be the last of these, each"
              + " as long or 1"
              + (padded ? ", and the keys may be fewer" : ""));
    }

    MaskTensor read() {
      if (shape.queries() == 0 || shape.keys() == 0) {
        return new MaskTensor(Mask.full(), null);
      }
      if (tensor.type() == ElementType.BOOL) {
        boolean[] values = tensor.toBooleans();
        return new MaskTensor(dense(at -> values[at]), null);
      }
      float[] values = tensor.toFloats().data();
      boolean infinite = known < shape.keys();
      boolean biased = false;
      for (float x : values) {
        infinite |= x == Float.NEGATIVE_INFINITY;
        biased |= x != 0 && x != Float.NEGATIVE_INFINITY;
      }
      Mask mask = infinite ? dense(at -> values[at] != Float.NEGATIVE_INFINITY) : Mask.full();
      return new MaskTensor(mask, biased ? bias(values) : null);
    }

    private interface Allowed {
      boolean at(int index);
    }

    private Mask dense(Allowed allowed) {
      MaskShape cells = new MaskShape(dims[0], dims[1], shape.queries(), shape.keys());
      boolean[] dense =
          new boolean[Shape.of(cells.batch(), cells.heads(), cells.queries(), cells.keys()).size()];
      for (int row = 0; row < dense.length / shape.keys(); row++) {
        int from = from(row / shape.queries(), row % shape.queries());
        for (int key = 0; key < known; key++) {
          dense[row * shape.keys() + key] = allowed.at(dims[3] == 1 ? from : from + key);
        }
      }
      return BooleanMask.toMask(Polarity.TRUE_ATTENDS, cells, dense);
    }

    private FloatTensor bias(float[] values) {
      Shape cells = Shape.of(dims[0], dims[1], dims[2], shape.keys());
      float[] bias = new float[cells.size()];
      for (int row = 0; row < bias.length / shape.keys(); row++) {
        for (int key = 0; key < known; key++) {
          float x = values[row * dims[3] + (dims[3] == 1 ? 0 : key)];
          bias[row * shape.keys() + key] = x == Float.NEGATIVE_INFINITY ? 0 : bounded(x);
        }
      }
      return FloatTensor.of(cells, bias);
    }

    /** The offset of the keys of a query. Matrices are numbered over batch rows and heads. */
    private int from(int matrix, int query) {
      return (matrix * dims[2] + (dims[2] == 1 ? 0 : query)) * dims[3];
    }
  }
}
