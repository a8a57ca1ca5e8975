package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.WIDTH;
import static dev.sightline.attention.internal.kernel.Lanes.loadFence;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Weights times values where all keys are in one tile: sums are complete when they leave the
 * registers, so lanes run along the columns of the output, and rows are written as they are wanted.
 * Turning the tile of {@link PackedProducts} costs a cycle an element, which is a tenth of the time
 * of a sentence. The order of sums is the same, and so are the bits.
 */
abstract class RowProducts extends PackedProducts {
  @Override
  public boolean writesRows(int columns) {
    return columns % LANES == 0 && columns <= PACKED_STRIDE;
  }

  @Override
  public void packRows(float[] rows, int offset, int stride, int count, int size, float[] packed) {
    // Four at a time: a loop of four rounds takes as long as copying them.
    int fours = size / (4 * LANES) * (4 * LANES);
    for (int row = 0; row < count; row++) {
      int from = offset + row * stride;
      int to = row * PACKED_STRIDE;
      for (int c = 0; c < fours; c += 4 * LANES) {
        FloatVector x = FloatVector.fromArray(SPECIES, rows, from + c);
        FloatVector y = FloatVector.fromArray(SPECIES, rows, from + c + LANES);
        FloatVector z = FloatVector.fromArray(SPECIES, rows, from + c + 2 * LANES);
        FloatVector w = FloatVector.fromArray(SPECIES, rows, from + c + 3 * LANES);
        x.intoArray(packed, to + c);
        y.intoArray(packed, to + c + LANES);
        z.intoArray(packed, to + c + 2 * LANES);
        w.intoArray(packed, to + c + 3 * LANES);
      }
      for (int c = fours; c < size; c++) {
        packed[to + c] = rows[from + c];
      }
    }
  }

  @Override
  public boolean weightedRows(
      float[] weights,
      int first,
      int end,
      float[] values,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int to,
      int rowStride) {
    int keys = end - first;
    int from = first * PACKED_STRIDE;
    float doubt = 0;
    for (int lane = 0; lane < count; ) {
      // The last lanes overlap the ones before rather than being fewer.
      int size = count - lane > 4 ? 6 : 4;
      int at = Math.min(lane, WIDTH - size);
      for (int column = 0; column < columns; column += 2 * LANES) {
        int second = Math.min(LANES, columns - LANES - column);
        doubt +=
            size == 6
                ? rows6(
                    weights,
                    first * WIDTH + at,
                    keys,
                    values,
                    from + column,
                    second,
                    factors,
                    at,
                    count - at,
                    rows,
                    to + at * rowStride + column,
                    rowStride)
                : rows4(
                    weights,
                    first * WIDTH + at,
                    keys,
                    values,
                    from + column,
                    second,
                    factors,
                    at,
                    count - at,
                    rows,
                    to + at * rowStride + column,
                    rowStride);
      }
      lane += size;
    }
    return doubt == 0;
  }

  /** 0 if all six rows are finite, else NaN. */
  private static float rows6(
      float[] w,
      int at,
      int keys,
      float[] v,
      int from,
      int second,
      float[] factors,
      int lane,
      int count,
      float[] o,
      int to,
      int rowStride) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    FloatVector a4 = a0;
    FloatVector b4 = a0;
    FloatVector a5 = a0;
    FloatVector b5 = a0;
    for (int key = 0; key < keys; key++) {
      FloatVector x = FloatVector.fromArray(SPECIES, v, from + key * PACKED_STRIDE);
      FloatVector y = FloatVector.fromArray(SPECIES, v, from + key * PACKED_STRIDE + second);
      int k = at + key * WIDTH;
      FloatVector c = FloatVector.broadcast(SPECIES, w[k]);
      a0 = c.fma(x, a0);
      b0 = c.fma(y, b0);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 4]);
      a4 = c.fma(x, a4);
      b4 = c.fma(y, b4);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 5]);
      a5 = c.fma(x, a5);
      b5 = c.fma(y, b5);
      loadFence();
    }
    a0.add(0f).mul(factors[lane]).intoArray(o, to);
    b0.add(0f).mul(factors[lane]).intoArray(o, to + second);
    if (count > 1) {
      a1.add(0f).mul(factors[lane + 1]).intoArray(o, to + rowStride);
      b1.add(0f).mul(factors[lane + 1]).intoArray(o, to + rowStride + second);
    }
    if (count > 2) {
      a2.add(0f).mul(factors[lane + 2]).intoArray(o, to + 2 * rowStride);
      b2.add(0f).mul(factors[lane + 2]).intoArray(o, to + 2 * rowStride + second);
    }
    if (count > 3) {
      a3.add(0f).mul(factors[lane + 3]).intoArray(o, to + 3 * rowStride);
      b3.add(0f).mul(factors[lane + 3]).intoArray(o, to + 3 * rowStride + second);
    }
    if (count > 4) {
      a4.add(0f).mul(factors[lane + 4]).intoArray(o, to + 4 * rowStride);
      b4.add(0f).mul(factors[lane + 4]).intoArray(o, to + 4 * rowStride + second);
    }
    if (count > 5) {
      a5.add(0f).mul(factors[lane + 5]).intoArray(o, to + 5 * rowStride);
      b5.add(0f).mul(factors[lane + 5]).intoArray(o, to + 5 * rowStride + second);
    }
    FloatVector sum = a0.add(b0).add(a1.add(b1)).add(a2.add(b2).add(a3.add(b3)));
    return sum.add(a4.add(b4).add(a5.add(b5))).mul(0f).reduceLanes(VectorOperators.ADD);
  }

  /** As rows6. */
  private static float rows4(
      float[] w,
      int at,
      int keys,
      float[] v,
      int from,
      int second,
      float[] factors,
      int lane,
      int count,
      float[] o,
      int to,
      int rowStride) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    for (int key = 0; key < keys; key++) {
      FloatVector x = FloatVector.fromArray(SPECIES, v, from + key * PACKED_STRIDE);
      FloatVector y = FloatVector.fromArray(SPECIES, v, from + key * PACKED_STRIDE + second);
      int k = at + key * WIDTH;
      FloatVector c = FloatVector.broadcast(SPECIES, w[k]);
      a0 = c.fma(x, a0);
      b0 = c.fma(y, b0);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      loadFence();
      c = FloatVector.broadcast(SPECIES, w[k + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      loadFence();
    }
    a0.add(0f).mul(factors[lane]).intoArray(o, to);
    b0.add(0f).mul(factors[lane]).intoArray(o, to + second);
    if (count > 1) {
      a1.add(0f).mul(factors[lane + 1]).intoArray(o, to + rowStride);
      b1.add(0f).mul(factors[lane + 1]).intoArray(o, to + rowStride + second);
    }
    if (count > 2) {
      a2.add(0f).mul(factors[lane + 2]).intoArray(o, to + 2 * rowStride);
      b2.add(0f).mul(factors[lane + 2]).intoArray(o, to + 2 * rowStride + second);
    }
    if (count > 3) {
      a3.add(0f).mul(factors[lane + 3]).intoArray(o, to + 3 * rowStride);
      b3.add(0f).mul(factors[lane + 3]).intoArray(o, to + 3 * rowStride + second);
    }
    FloatVector sum = a0.add(b0).add(a1.add(b1)).add(a2.add(b2).add(a3.add(b3)));
    return sum.mul(0f).reduceLanes(VectorOperators.ADD);
  }
}
