package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.exp2;
import static dev.sightline.attention.internal.kernel.Lanes.sum;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The row kernel on the Vector API: lanes along the head for products, along keys for softmax.
 *
 * <p>Keys and values are read as two streams in turns. A prefetch stops at the end of a page, and
 * while one stream starts on its next page the other goes on: 22 GB/s on one core instead of 17.5,
 * where reading one stream alone reaches 23.
 */
final class VectorRowKernel implements RowKernel {
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
    int half = count / 2;
    for (int key = 0; key < half; key++) {
      int first = offset + key * stride;
      int second = first + half * stride;
      scores[scoresOffset + key] = factor * dot(query, queryOffset, keys, first, headSize);
      scores[scoresOffset + half + key] = factor * dot(query, queryOffset, keys, second, headSize);
    }
    if (2 * half < count) {
      int last = offset + 2 * half * stride;
      scores[scoresOffset + 2 * half] = factor * dot(query, queryOffset, keys, last, headSize);
    }
  }

  /** One key at a time: four at once need fewer instructions, but cost a third of the bandwidth. */
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
      int first,
      int second,
      int count,
      float[] values,
      int firstRow,
      int secondRow,
      int stride,
      int columns,
      float[] output,
      int to) {
    int c = 0;
    for (; c <= columns - 8 * LANES; c += 8 * LANES) {
      accumulate8(
          weights,
          first,
          second,
          count,
          values,
          firstRow + c,
          secondRow + c,
          stride,
          output,
          to + c);
    }
    for (; c <= columns - LANES; c += LANES) {
      accumulate1(
          weights,
          first,
          second,
          count,
          values,
          firstRow + c,
          secondRow + c,
          stride,
          output,
          to + c);
    }
    int rest = columns - c;
    for (int k = 0; k < count && rest > 0; k++) {
      int at = c + k * stride;
      ScalarMath.addRow(weights[first + k], values, firstRow + at, rest, output, to + c);
      ScalarMath.addRow(weights[second + k], values, secondRow + at, rest, output, to + c);
    }
  }

  private static void accumulate8(
      float[] w,
      int first,
      int second,
      int count,
      float[] v,
      int firstRow,
      int secondRow,
      int stride,
      float[] o,
      int to) {
    FloatVector a0 = FloatVector.fromArray(SPECIES, o, to);
    FloatVector a1 = FloatVector.fromArray(SPECIES, o, to + LANES);
    FloatVector a2 = FloatVector.fromArray(SPECIES, o, to + 2 * LANES);
    FloatVector a3 = FloatVector.fromArray(SPECIES, o, to + 3 * LANES);
    FloatVector a4 = FloatVector.fromArray(SPECIES, o, to + 4 * LANES);
    FloatVector a5 = FloatVector.fromArray(SPECIES, o, to + 5 * LANES);
    FloatVector a6 = FloatVector.fromArray(SPECIES, o, to + 6 * LANES);
    FloatVector a7 = FloatVector.fromArray(SPECIES, o, to + 7 * LANES);
    for (int k = 0; k < count; k++) {
      int at = firstRow + k * stride;
      FloatVector x = FloatVector.broadcast(SPECIES, w[first + k]);
      a0 = x.fma(FloatVector.fromArray(SPECIES, v, at), a0);
      a1 = x.fma(FloatVector.fromArray(SPECIES, v, at + LANES), a1);
      a2 = x.fma(FloatVector.fromArray(SPECIES, v, at + 2 * LANES), a2);
      a3 = x.fma(FloatVector.fromArray(SPECIES, v, at + 3 * LANES), a3);
      a4 = x.fma(FloatVector.fromArray(SPECIES, v, at + 4 * LANES), a4);
      a5 = x.fma(FloatVector.fromArray(SPECIES, v, at + 5 * LANES), a5);
      a6 = x.fma(FloatVector.fromArray(SPECIES, v, at + 6 * LANES), a6);
      a7 = x.fma(FloatVector.fromArray(SPECIES, v, at + 7 * LANES), a7);
      at = secondRow + k * stride;
      x = FloatVector.broadcast(SPECIES, w[second + k]);
      a0 = x.fma(FloatVector.fromArray(SPECIES, v, at), a0);
      a1 = x.fma(FloatVector.fromArray(SPECIES, v, at + LANES), a1);
      a2 = x.fma(FloatVector.fromArray(SPECIES, v, at + 2 * LANES), a2);
      a3 = x.fma(FloatVector.fromArray(SPECIES, v, at + 3 * LANES), a3);
      a4 = x.fma(FloatVector.fromArray(SPECIES, v, at + 4 * LANES), a4);
      a5 = x.fma(FloatVector.fromArray(SPECIES, v, at + 5 * LANES), a5);
      a6 = x.fma(FloatVector.fromArray(SPECIES, v, at + 6 * LANES), a6);
      a7 = x.fma(FloatVector.fromArray(SPECIES, v, at + 7 * LANES), a7);
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
      float[] w,
      int first,
      int second,
      int count,
      float[] v,
      int firstRow,
      int secondRow,
      int stride,
      float[] o,
      int to) {
    FloatVector a = FloatVector.fromArray(SPECIES, o, to);
    for (int k = 0; k < count; k++) {
      FloatVector x = FloatVector.broadcast(SPECIES, w[first + k]);
      a = x.fma(FloatVector.fromArray(SPECIES, v, firstRow + k * stride), a);
      x = FloatVector.broadcast(SPECIES, w[second + k]);
      a = x.fma(FloatVector.fromArray(SPECIES, v, secondRow + k * stride), a);
    }
    a.intoArray(o, to);
  }
}
