package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.WIDTH;
import static dev.sightline.attention.internal.kernel.Lanes.loadFence;

import jdk.incubator.vector.FloatVector;

/**
 * The products of {@link VectorKernel} with keys and values as they are stored.
 *
 * <p>Why these shapes. An AVX2 core has 16 vector registers, and C2 (JDK 25) loads every operand of
 * a loop body before the first multiplication: accumulators + broadcasts + vectors of queries must
 * fit, or accumulators are spilled in every iteration. Measured on one Zen 3 core at D 64, in
 * GFLOP/s of a peak of 99: 4 keys x 2 vectors (14 registers) 90 to 94, 3 x 3 (15) 95, 5 x 2 (17)
 * 36, 6 x 2 (20) 40; 4 x 2 unrolled by hand 29 to 41. With {@link Lanes#loadFence} between the rows
 * 6 x 2 has 99 on packed keys and 95 on stored values: more sums in flight hide the latency of
 * multiplication. Stored keys use 4 x 2, since six addresses do not fit the other registers (40).
 */
abstract class VectorProducts implements Kernel {
  @Override
  public void scores(
      float[] queries,
      int headSize,
      float[] keys,
      int offset,
      int stride,
      int first,
      int end,
      float[] scores) {
    int last = end - 1;
    for (int key = first; key < end; key += 4) {
      // The last four overlap the ones before rather than being fewer; fewer than four are
      // repeated.
      int k = Math.max(first, Math.min(key, end - 4));
      scores4(
          queries,
          headSize,
          keys,
          offset + k * stride,
          offset + Math.min(k + 1, last) * stride,
          offset + Math.min(k + 2, last) * stride,
          offset + Math.min(k + 3, last) * stride,
          scores,
          k * WIDTH);
    }
  }

  private static void scores4(
      float[] queries, int headSize, float[] k, int k0, int k1, int k2, int k3, float[] s, int to) {
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    FloatVector b0 = a0;
    FloatVector b1 = a0;
    FloatVector b2 = a0;
    FloatVector b3 = a0;
    for (int d = 0; d < headSize; d++) {
      FloatVector a = FloatVector.fromArray(SPECIES, queries, d * WIDTH);
      FloatVector b = FloatVector.fromArray(SPECIES, queries, d * WIDTH + LANES);
      FloatVector x = FloatVector.broadcast(SPECIES, k[k0 + d]);
      a0 = x.fma(a, a0);
      b0 = x.fma(b, b0);
      x = FloatVector.broadcast(SPECIES, k[k1 + d]);
      a1 = x.fma(a, a1);
      b1 = x.fma(b, b1);
      x = FloatVector.broadcast(SPECIES, k[k2 + d]);
      a2 = x.fma(a, a2);
      b2 = x.fma(b, b2);
      x = FloatVector.broadcast(SPECIES, k[k3 + d]);
      a3 = x.fma(a, a3);
      b3 = x.fma(b, b3);
    }
    a0.intoArray(s, to);
    b0.intoArray(s, to + LANES);
    a1.intoArray(s, to + WIDTH);
    b1.intoArray(s, to + WIDTH + LANES);
    a2.intoArray(s, to + 2 * WIDTH);
    b2.intoArray(s, to + 2 * WIDTH + LANES);
    a3.intoArray(s, to + 3 * WIDTH);
    b3.intoArray(s, to + 3 * WIDTH + LANES);
  }

  @Override
  public void accumulate(
      float[] weights,
      int first,
      int end,
      float[] values,
      int offset,
      int stride,
      int columns,
      float[] rescale,
      float[] output) {
    int row = offset + first * stride;
    int at = first * WIDTH;
    int keys = end - first;
    for (int column = 0; column < columns; column += Kernel.groupSize(columns - column)) {
      int to = column * WIDTH;
      if (Kernel.groupSize(columns - column) == 6) {
        accumulate6(weights, at, keys, values, row + column, stride, rescale, output, to);
      } else {
        accumulate4(weights, at, keys, values, row + column, stride, rescale, output, to);
      }
    }
  }

  private static void accumulate6(
      float[] w,
      int from,
      int keys,
      float[] v,
      int at,
      int stride,
      float[] rescale,
      float[] o,
      int to) {
    FloatVector a = FloatVector.fromArray(SPECIES, rescale, 0);
    FloatVector b = FloatVector.fromArray(SPECIES, rescale, LANES);
    FloatVector a0 = FloatVector.fromArray(SPECIES, o, to).mul(a);
    FloatVector b0 = FloatVector.fromArray(SPECIES, o, to + LANES).mul(b);
    FloatVector a1 = FloatVector.fromArray(SPECIES, o, to + WIDTH).mul(a);
    FloatVector b1 = FloatVector.fromArray(SPECIES, o, to + WIDTH + LANES).mul(b);
    FloatVector a2 = FloatVector.fromArray(SPECIES, o, to + 2 * WIDTH).mul(a);
    FloatVector b2 = FloatVector.fromArray(SPECIES, o, to + 2 * WIDTH + LANES).mul(b);
    FloatVector a3 = FloatVector.fromArray(SPECIES, o, to + 3 * WIDTH).mul(a);
    FloatVector b3 = FloatVector.fromArray(SPECIES, o, to + 3 * WIDTH + LANES).mul(b);
    FloatVector a4 = FloatVector.fromArray(SPECIES, o, to + 4 * WIDTH).mul(a);
    FloatVector b4 = FloatVector.fromArray(SPECIES, o, to + 4 * WIDTH + LANES).mul(b);
    FloatVector a5 = FloatVector.fromArray(SPECIES, o, to + 5 * WIDTH).mul(a);
    FloatVector b5 = FloatVector.fromArray(SPECIES, o, to + 5 * WIDTH + LANES).mul(b);
    for (int key = 0; key < keys; key++) {
      FloatVector x = FloatVector.fromArray(SPECIES, w, from + key * WIDTH);
      FloatVector y = FloatVector.fromArray(SPECIES, w, from + key * WIDTH + LANES);
      int row = at + key * stride;
      FloatVector c = FloatVector.broadcast(SPECIES, v[row]);
      a0 = c.fma(x, a0);
      b0 = c.fma(y, b0);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 4]);
      a4 = c.fma(x, a4);
      b4 = c.fma(y, b4);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 5]);
      a5 = c.fma(x, a5);
      b5 = c.fma(y, b5);
      loadFence();
    }
    a0.intoArray(o, to);
    b0.intoArray(o, to + LANES);
    a1.intoArray(o, to + WIDTH);
    b1.intoArray(o, to + WIDTH + LANES);
    a2.intoArray(o, to + 2 * WIDTH);
    b2.intoArray(o, to + 2 * WIDTH + LANES);
    a3.intoArray(o, to + 3 * WIDTH);
    b3.intoArray(o, to + 3 * WIDTH + LANES);
    a4.intoArray(o, to + 4 * WIDTH);
    b4.intoArray(o, to + 4 * WIDTH + LANES);
    a5.intoArray(o, to + 5 * WIDTH);
    b5.intoArray(o, to + 5 * WIDTH + LANES);
  }

  private static void accumulate4(
      float[] w,
      int from,
      int keys,
      float[] v,
      int at,
      int stride,
      float[] rescale,
      float[] o,
      int to) {
    FloatVector a = FloatVector.fromArray(SPECIES, rescale, 0);
    FloatVector b = FloatVector.fromArray(SPECIES, rescale, LANES);
    FloatVector a0 = FloatVector.fromArray(SPECIES, o, to).mul(a);
    FloatVector b0 = FloatVector.fromArray(SPECIES, o, to + LANES).mul(b);
    FloatVector a1 = FloatVector.fromArray(SPECIES, o, to + WIDTH).mul(a);
    FloatVector b1 = FloatVector.fromArray(SPECIES, o, to + WIDTH + LANES).mul(b);
    FloatVector a2 = FloatVector.fromArray(SPECIES, o, to + 2 * WIDTH).mul(a);
    FloatVector b2 = FloatVector.fromArray(SPECIES, o, to + 2 * WIDTH + LANES).mul(b);
    FloatVector a3 = FloatVector.fromArray(SPECIES, o, to + 3 * WIDTH).mul(a);
    FloatVector b3 = FloatVector.fromArray(SPECIES, o, to + 3 * WIDTH + LANES).mul(b);
    for (int key = 0; key < keys; key++) {
      FloatVector x = FloatVector.fromArray(SPECIES, w, from + key * WIDTH);
      FloatVector y = FloatVector.fromArray(SPECIES, w, from + key * WIDTH + LANES);
      int row = at + key * stride;
      FloatVector c = FloatVector.broadcast(SPECIES, v[row]);
      a0 = c.fma(x, a0);
      b0 = c.fma(y, b0);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      loadFence();
      c = FloatVector.broadcast(SPECIES, v[row + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      loadFence();
    }
    a0.intoArray(o, to);
    b0.intoArray(o, to + LANES);
    a1.intoArray(o, to + WIDTH);
    b1.intoArray(o, to + WIDTH + LANES);
    a2.intoArray(o, to + 2 * WIDTH);
    b2.intoArray(o, to + 2 * WIDTH + LANES);
    a3.intoArray(o, to + 3 * WIDTH);
    b3.intoArray(o, to + 3 * WIDTH + LANES);
  }
}
