package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.exp2;
import static dev.sightline.attention.internal.kernel.Lanes.sum;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** The row kernel on the Vector API: lanes along the head for products, along keys for softmax. */
final class VectorRowKernel implements RowKernel {
  /** The number of keys that are summed in registers; fewer cost bandwidth (4 keys: a seventh). */
  private static final int ROWS = 64;

  @Override
  public void scores(
      float[] query,
      int queryOffset,
      int headSize,
      float factor,
      float[] keys,
      int offset,
      int stride,
      int count,
      float[] scores,
      int scoresOffset) {
    for (int key = 0; key < count; key++) {
      scores[scoresOffset + key] =
          factor * dot(query, queryOffset, keys, offset + key * stride, headSize);
    }
  }

  /**
   * One key after the other, in the order of memory: four keys at a time need fewer instructions,
   * but read four streams, which costs a third of the bandwidth.
   */
  private static float dot(float[] q, int qo, float[] k, int ko, int headSize) {
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    FloatVector c = a;
    FloatVector e = a;
    int d = 0;
    for (; d <= headSize - 4 * LANES; d += 4 * LANES) {
      a =
          FloatVector.fromArray(SPECIES, q, qo + d)
              .fma(FloatVector.fromArray(SPECIES, k, ko + d), a);
      b =
          FloatVector.fromArray(SPECIES, q, qo + d + LANES)
              .fma(FloatVector.fromArray(SPECIES, k, ko + d + LANES), b);
      c =
          FloatVector.fromArray(SPECIES, q, qo + d + 2 * LANES)
              .fma(FloatVector.fromArray(SPECIES, k, ko + d + 2 * LANES), c);
      e =
          FloatVector.fromArray(SPECIES, q, qo + d + 3 * LANES)
              .fma(FloatVector.fromArray(SPECIES, k, ko + d + 3 * LANES), e);
    }
    for (; d <= headSize - LANES; d += LANES) {
      a =
          FloatVector.fromArray(SPECIES, q, qo + d)
              .fma(FloatVector.fromArray(SPECIES, k, ko + d), a);
    }
    float sum = sum(a.add(b).add(c.add(e)));
    for (; d < headSize; d++) {
      sum += q[qo + d] * k[ko + d];
    }
    return sum;
  }

  @Override
  public float max(float[] scores, int offset, int count) {
    FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
    int whole = SPECIES.loopBound(count);
    for (int at = 0; at < whole; at += LANES) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, offset + at);
      max = max.blend(score, score.compare(VectorOperators.GT, max));
    }
    float most = max.reduceLanes(VectorOperators.MAX);
    for (int at = whole; at < count; at++) {
      most = scores[offset + at] > most ? scores[offset + at] : most;
    }
    return most;
  }

  @Override
  public float weights(float[] scores, int offset, int count, float reference) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int whole = SPECIES.loopBound(count);
    for (int at = 0; at < whole; at += LANES) {
      FloatVector weight = exp2(FloatVector.fromArray(SPECIES, scores, offset + at).sub(reference));
      weight.intoArray(scores, offset + at);
      sum = sum.add(weight);
    }
    float total = sum(sum);
    for (int at = whole; at < count; at++) {
      float weight = ScalarMath.exp2(scores[offset + at] - reference);
      scores[offset + at] = weight;
      total += weight;
    }
    return total;
  }

  @Override
  public void accumulate(
      float[] weights,
      int weightsOffset,
      float[] values,
      int offset,
      int stride,
      int count,
      int columns,
      float[] output,
      int outputOffset) {
    // Blocks of keys that the first-level cache holds, so that a second pass over the columns finds
    // them there; within a pass the sums stay in registers.
    for (int key = 0; key < count; key += ROWS) {
      int rows = Math.min(ROWS, count - key);
      int from = offset + key * stride;
      int column = 0;
      for (; column <= columns - 8 * LANES; column += 8 * LANES) {
        accumulate8(
            weights,
            weightsOffset + key,
            rows,
            values,
            from + column,
            stride,
            output,
            outputOffset + column);
      }
      for (; column <= columns - LANES; column += LANES) {
        accumulate1(
            weights,
            weightsOffset + key,
            rows,
            values,
            from + column,
            stride,
            output,
            outputOffset + column);
      }
      for (int k = 0; k < rows && column < columns; k++) {
        ScalarMath.addRow(
            weights[weightsOffset + key + k],
            values,
            from + k * stride + column,
            columns - column,
            output,
            outputOffset + column);
      }
    }
  }

  private static void accumulate8(
      float[] w, int at, int rows, float[] v, int from, int stride, float[] o, int to) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, o, to);
    FloatVector a1 = FloatVector.fromArray(SPECIES, o, to + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, o, to + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, o, to + 3 * LANES);
    FloatVector a4 = FloatVector.fromArray(SPECIES, o, to + 4 * LANES);
    FloatVector a5 = FloatVector.fromArray(SPECIES, o, to + 5 * LANES);
    FloatVector a6 = FloatVector.fromArray(SPECIES, o, to + 6 * LANES);
    FloatVector a7 = FloatVector.fromArray(SPECIES, o, to + 7 * LANES);
    for (int row = 0; row < rows; row++) {
      FloatVector x = FloatVector.broadcast(SPECIES, w[at + row]);
      int k = from + row * stride;
      a0 = x.fma(FloatVector.fromArray(SPECIES, v, k), a0);
      a1 = x.fma(FloatVector.fromArray(SPECIES, v, k + LANES), a1);
      a2 = x.fma(FloatVector.fromArray(SPECIES, v, k + 2 * LANES), a2);
      a3 = x.fma(FloatVector.fromArray(SPECIES, v, k + 3 * LANES), a3);
      a4 = x.fma(FloatVector.fromArray(SPECIES, v, k + 4 * LANES), a4);
      a5 = x.fma(FloatVector.fromArray(SPECIES, v, k + 5 * LANES), a5);
      a6 = x.fma(FloatVector.fromArray(SPECIES, v, k + 6 * LANES), a6);
      a7 = x.fma(FloatVector.fromArray(SPECIES, v, k + 7 * LANES), a7);
    }
    a0.intoArray(o, to);
    a1.intoArray(o, to + LANES);
    a2.intoArray(o, to + 2 * LANES);
    a3.intoArray(o, to + 3 * LANES);
    a4.intoArray(o, to + 4 * LANES);
    a5.intoArray(o, to + 5 * LANES);
    a6.intoArray(o, to + 6 * LANES);
    a7.intoArray(o, to + 7 * LANES);
  }

  private static void accumulate1(
      float[] w, int at, int rows, float[] v, int from, int stride, float[] o, int to) {
    FloatVector a = FloatVector.fromArray(SPECIES, o, to);
    for (int row = 0; row < rows; row++) {
      a =
          FloatVector.broadcast(SPECIES, w[at + row])
              .fma(FloatVector.fromArray(SPECIES, v, from + row * stride), a);
    }
    a.intoArray(o, to);
  }
}
