package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.WIDTH;
import static dev.sightline.attention.internal.kernel.Lanes.loadFence;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The products of {@link VectorKernel} with packed keys and values, nine tenths of its time on long
 * texts. They differ from {@link VectorProducts} in their strides, which are constants here: C2
 * then proves the bounds of all reads before the loop, and one address serves six keys. With a
 * stride that varies, dense attention as a whole took 10 to 15 % longer.
 */
abstract class PackedProducts extends VectorProducts {
  private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;

  @Override
  public void packedScores(
      float[] queries, int headSize, float[] panels, int first, int end, float[] scores) {
    for (int key = first / PANEL * PANEL; key < end; key += PANEL) {
      packedScores6(queries, headSize, panels, key * PACKED_STRIDE, scores, key * WIDTH);
    }
  }

  private static void packedScores6(
      float[] queries, int headSize, float[] k, int from, float[] s, int to) {
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
    for (int d = 0; d < headSize; d++) {
      FloatVector x = FloatVector.fromArray(SPECIES, queries, d * WIDTH);
      FloatVector y = FloatVector.fromArray(SPECIES, queries, d * WIDTH + LANES);
      FloatVector c = FloatVector.broadcast(SPECIES, k[from + d]);
      a0 = c.fma(x, a0);
      b0 = c.fma(y, b0);
      loadFence();
      c = FloatVector.broadcast(SPECIES, k[from + PACKED_STRIDE + d]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      loadFence();
      c = FloatVector.broadcast(SPECIES, k[from + 2 * PACKED_STRIDE + d]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      loadFence();
      c = FloatVector.broadcast(SPECIES, k[from + 3 * PACKED_STRIDE + d]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      loadFence();
      c = FloatVector.broadcast(SPECIES, k[from + 4 * PACKED_STRIDE + d]);
      a4 = c.fma(x, a4);
      b4 = c.fma(y, b4);
      loadFence();
      c = FloatVector.broadcast(SPECIES, k[from + 5 * PACKED_STRIDE + d]);
      a5 = c.fma(x, a5);
      b5 = c.fma(y, b5);
      loadFence();
    }
    a0.intoArray(s, to);
    b0.intoArray(s, to + LANES);
    a1.intoArray(s, to + WIDTH);
    b1.intoArray(s, to + WIDTH + LANES);
    a2.intoArray(s, to + 2 * WIDTH);
    b2.intoArray(s, to + 2 * WIDTH + LANES);
    a3.intoArray(s, to + 3 * WIDTH);
    b3.intoArray(s, to + 3 * WIDTH + LANES);
    a4.intoArray(s, to + 4 * WIDTH);
    b4.intoArray(s, to + 4 * WIDTH + LANES);
    a5.intoArray(s, to + 5 * WIDTH);
    b5.intoArray(s, to + 5 * WIDTH + LANES);
  }

  @Override
  public void packValues(
      float[] values, int offset, int stride, int count, int columns, float[] panels) {
    // Eight at a time writes a few too many, which the next key makes good.
    int wide = LANES < 8 ? 0 : Math.max(0, count - 2);
    for (int key = 0; key < count; key++) {
      int from = offset + key * stride;
      int size;
      for (int column = 0; column < columns; column += size) {
        size = Kernel.groupSize(columns - column);
        int to = column * count + key * size;
        if (key < wide) {
          FloatVector.fromArray(EIGHT, values, from + column).intoArray(panels, to);
        } else {
          for (int c = 0; c < size; c++) {
            panels[to + c] = values[from + column + c];
          }
        }
      }
    }
  }

  @Override
  public void packedAccumulate(
      float[] weights,
      int first,
      int end,
      float[] panels,
      int count,
      int columns,
      float[] rescale,
      float[] output) {
    int at = first * WIDTH;
    int keys = end - first;
    int size;
    for (int column = 0; column < columns; column += size) {
      size = Kernel.groupSize(columns - column);
      int from = column * count + first * size;
      if (size == 6) {
        packedAccumulate6(weights, at, keys, panels, from, rescale, output, column * WIDTH);
      } else {
        packedAccumulate4(weights, at, keys, panels, from, rescale, output, column * WIDTH);
      }
    }
  }

  private static void packedAccumulate6(
      float[] w, int from, int keys, float[] v, int at, float[] rescale, float[] o, int to) {
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
      int row = at + key * 6;
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

  private static void packedAccumulate4(
      float[] w, int from, int keys, float[] v, int at, float[] rescale, float[] o, int to) {
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
      int row = at + key * 4;
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
