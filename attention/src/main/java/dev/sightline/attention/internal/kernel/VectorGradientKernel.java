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
      float[] rows,
      int[] rowsAt,
      int columns,
      float[] sums,
      int sumsAt) {
    for (int key = first; key < end; key += KEYS) {
      for (int column = 0; column < columns; column += WIDTH) {
        int to = sumsAt + key * columns + column;
        sixKeys(weights, blocks, key * WIDTH, rows, rowsAt, column, columns, sums, to);
      }
    }
  }

  private static void sixKeys(
      float[][] weights,
      int blocks,
      int from,
      float[] rows,
      int[] rowsAt,
      int column,
      int columns,
      float[] s,
      int to) {
    int to1 = to + columns;
    int to2 = to1 + columns;
    int to3 = to2 + columns;
    int to4 = to3 + columns;
    int to5 = to4 + columns;
    FloatVector a0 = FloatVector.fromArray(SPECIES, s, to);
    FloatVector b0 = FloatVector.fromArray(SPECIES, s, to + LANES);
    FloatVector a1 = FloatVector.fromArray(SPECIES, s, to1);
    FloatVector b1 = FloatVector.fromArray(SPECIES, s, to1 + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, s, to2);
    FloatVector b2 = FloatVector.fromArray(SPECIES, s, to2 + LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, s, to3);
    FloatVector b3 = FloatVector.fromArray(SPECIES, s, to3 + LANES);
    FloatVector a4 = FloatVector.fromArray(SPECIES, s, to4);
    FloatVector b4 = FloatVector.fromArray(SPECIES, s, to4 + LANES);
    FloatVector a5 = FloatVector.fromArray(SPECIES, s, to5);
    FloatVector b5 = FloatVector.fromArray(SPECIES, s, to5 + LANES);
    for (int block = 0; block < blocks; block++) {
      float[] w = weights[block];
      int row = rowsAt[block] + column;
      for (int lane = 0; lane < WIDTH; lane++) {
        FloatVector x = FloatVector.fromArray(SPECIES, rows, row + lane * columns);
        FloatVector y = FloatVector.fromArray(SPECIES, rows, row + lane * columns + LANES);
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
    a1.intoArray(s, to1);
    b1.intoArray(s, to1 + LANES);
    a2.intoArray(s, to2);
    b2.intoArray(s, to2 + LANES);
    a3.intoArray(s, to3);
    b3.intoArray(s, to3 + LANES);
    a4.intoArray(s, to4);
    b4.intoArray(s, to4 + LANES);
    a5.intoArray(s, to5);
    b5.intoArray(s, to5 + LANES);
  }

  /** Key by key: it is used only where a number is not finite, which is rare. */
  @Override
  public void accumulateRowsWeighted(
      float[][] weights,
      int blocks,
      int first,
      int end,
      float[] rows,
      int[] rowsAt,
      int columns,
      float[] sums,
      int sumsAt) {
    for (int key = first; key < end; key++) {
      for (int column = 0; column < columns; column += LANES) {
        int to = sumsAt + key * columns + column;
        FloatVector total = FloatVector.fromArray(SPECIES, sums, to);
        for (int block = 0; block < blocks; block++) {
          for (int lane = 0; lane < WIDTH; lane++) {
            float weight = weights[block][key * WIDTH + lane];
            if (weight != 0f) {
              int row = rowsAt[block] + lane * columns + column;
              total =
                  FloatVector.broadcast(SPECIES, weight)
                      .fma(FloatVector.fromArray(SPECIES, rows, row), total);
            }
          }
        }
        total.intoArray(sums, to);
      }
    }
  }
}
