package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.WIDTH;
import static dev.sightline.attention.internal.kernel.Lanes.exp2;
import static dev.sightline.attention.internal.kernel.Lanes.loadFence;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The loops of the backward pass on the Vector API. Sums over queries have their lanes along the
 * head, so that nothing is transposed: six keys x two vectors of columns, as many registers as
 * {@link PackedProducts} uses.
 */
final class VectorGradientKernel implements GradientKernel {
  private static final float NOTHING = Float.NEGATIVE_INFINITY;

  @Override
  public void scoreGradients(
      float[] scores, float[] products, int first, int end, float[] logSumExp, float[] shares) {
    gradientsHalf(scores, products, first, end, logSumExp, shares, 0);
    gradientsHalf(scores, products, first, end, logSumExp, shares, LANES);
  }

  private static void gradientsHalf(
      float[] scores,
      float[] products,
      int first,
      int end,
      float[] logSumExp,
      float[] shares,
      int half) {
    FloatVector sum = FloatVector.fromArray(SPECIES, logSumExp, half);
    sum = sum.blend(0f, sum.compare(VectorOperators.EQ, NOTHING));
    FloatVector share = FloatVector.fromArray(SPECIES, shares, half);
    for (int key = first; key < end; key++) {
      int at = key * WIDTH + half;
      FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
      FloatVector weight =
          exp2(score.sub(sum)).blend(0f, score.compare(VectorOperators.EQ, NOTHING));
      weight.intoArray(scores, at);
      FloatVector.fromArray(SPECIES, products, at)
          .sub(share)
          .mul(weight)
          .blend(0f, weight.compare(VectorOperators.EQ, 0f))
          .intoArray(products, at);
    }
  }

  @Override
  public void accumulateRows(
      float[][] weights,
      int blocks,
      int first,
      int end,
      RowPanels rows,
      int[] firstRows,
      RowPanels sums,
      int firstSum) {
    for (int panel = 0; panel < rows.panels; panel++) {
      int from = panel * rows.distance;
      int to = panel * sums.distance + firstSum * WIDTH;
      for (int key = first; key < end; key += KEYS) {
        int at = key * WIDTH;
        sixKeys(weights, blocks, at, rows.values, firstRows, from, sums.values, to + at);
      }
    }
  }

  private static void sixKeys(
      float[][] weights,
      int blocks,
      int from,
      float[] rows,
      int[] firstRows,
      int panel,
      float[] s,
      int to) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, s, to);
    FloatVector b0 = FloatVector.fromArray(SPECIES, s, to + LANES);
    FloatVector a1 = FloatVector.fromArray(SPECIES, s, to + WIDTH);
    FloatVector b1 = FloatVector.fromArray(SPECIES, s, to + WIDTH + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, s, to + 2 * WIDTH);
    FloatVector b2 = FloatVector.fromArray(SPECIES, s, to + 2 * WIDTH + LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, s, to + 3 * WIDTH);
    FloatVector b3 = FloatVector.fromArray(SPECIES, s, to + 3 * WIDTH + LANES);
    FloatVector a4 = FloatVector.fromArray(SPECIES, s, to + 4 * WIDTH);
    FloatVector b4 = FloatVector.fromArray(SPECIES, s, to + 4 * WIDTH + LANES);
    FloatVector a5 = FloatVector.fromArray(SPECIES, s, to + 5 * WIDTH);
    FloatVector b5 = FloatVector.fromArray(SPECIES, s, to + 5 * WIDTH + LANES);
    for (int block = 0; block < blocks; block++) {
      float[] w = weights[block];
      int row = panel + firstRows[block] * WIDTH;
      for (int lane = 0; lane < WIDTH; lane++) {
        FloatVector x = FloatVector.fromArray(SPECIES, rows, row + lane * WIDTH);
        FloatVector y = FloatVector.fromArray(SPECIES, rows, row + lane * WIDTH + LANES);
        FloatVector c = FloatVector.broadcast(SPECIES, w[from + lane]);
        a0 = c.fma(x, a0);
        b0 = c.fma(y, b0);
        loadFence();
        c = FloatVector.broadcast(SPECIES, w[from + WIDTH + lane]);
        a1 = c.fma(x, a1);
        b1 = c.fma(y, b1);
        loadFence();
        c = FloatVector.broadcast(SPECIES, w[from + 2 * WIDTH + lane]);
        a2 = c.fma(x, a2);
        b2 = c.fma(y, b2);
        loadFence();
        c = FloatVector.broadcast(SPECIES, w[from + 3 * WIDTH + lane]);
        a3 = c.fma(x, a3);
        b3 = c.fma(y, b3);
        loadFence();
        c = FloatVector.broadcast(SPECIES, w[from + 4 * WIDTH + lane]);
        a4 = c.fma(x, a4);
        b4 = c.fma(y, b4);
        loadFence();
        c = FloatVector.broadcast(SPECIES, w[from + 5 * WIDTH + lane]);
        a5 = c.fma(x, a5);
        b5 = c.fma(y, b5);
        loadFence();
      }
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

  /** Key by key: it is used only where a number is not finite, which is rare. */
  @Override
  public void accumulateRowsWeighted(
      float[][] weights,
      int blocks,
      int first,
      int end,
      RowPanels rows,
      int[] firstRows,
      RowPanels sums,
      int firstSum) {
    for (int panel = 0; panel < rows.panels; panel++) {
      for (int key = first; key < end; key++) {
        int to = panel * sums.distance + (firstSum + key) * WIDTH;
        FloatVector a = FloatVector.fromArray(SPECIES, sums.values, to);
        FloatVector b = FloatVector.fromArray(SPECIES, sums.values, to + LANES);
        for (int block = 0; block < blocks; block++) {
          for (int lane = 0; lane < WIDTH; lane++) {
            float weight = weights[block][key * WIDTH + lane];
            if (weight != 0f) {
              int row = panel * rows.distance + (firstRows[block] + lane) * WIDTH;
              FloatVector c = FloatVector.broadcast(SPECIES, weight);
              a = c.fma(FloatVector.fromArray(SPECIES, rows.values, row), a);
              b = c.fma(FloatVector.fromArray(SPECIES, rows.values, row + LANES), b);
            }
          }
        }
        a.intoArray(sums.values, to);
        b.intoArray(sums.values, to + LANES);
      }
    }
  }
}
