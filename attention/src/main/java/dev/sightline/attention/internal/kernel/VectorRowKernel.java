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
 * <p>Keys and values are read as four streams, a vector of each in turns. A prefetch stops at the
 * end of a page, and while one stream starts on its next page the others go on. On one core keys
 * come at 22.7 GB/s and values at 24.3, where reading one stream without computing reaches 19.3 and
 * four 24.2; two streams, a row of each in turns, gave 19.4 and 18.2.
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
    int part = count / STREAMS;
    int distance = part * stride;
    for (int key = 0; key < part; key++) {
      int from = offset + key * stride;
      int to = scoresOffset + key;
      dots(query, queryOffset, keys, from, distance, headSize, factor, scores, to, part);
    }
    // Three keys at most, each as four streams of itself.
    for (int key = STREAMS * part; key < count; key++) {
      int from = offset + key * stride;
      int to = scoresOffset + key;
      dots(query, queryOffset, keys, from, 0, headSize, factor, scores, to, 0);
    }
  }

  /** Keys that are a distance apart, with scores that are part apart. */
  private static void dots(
      float[] q,
      int qo,
      float[] k,
      int from,
      int distance,
      int headSize,
      float factor,
      float[] scores,
      int to,
      int part) {
    int from1 = from + distance;
    int from2 = from1 + distance;
    int from3 = from2 + distance;
    FloatVector a0 = FloatVector.zero(SPECIES);
    FloatVector b0 = a0;
    FloatVector a1 = a0;
    FloatVector b1 = a0;
    FloatVector a2 = a0;
    FloatVector b2 = a0;
    FloatVector a3 = a0;
    FloatVector b3 = a0;
    int d = 0;
    for (; d <= headSize - 2 * LANES; d += 2 * LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, q, qo + d);
      FloatVector y = FloatVector.fromArray(SPECIES, q, qo + d + LANES);
      a0 = x.fma(FloatVector.fromArray(SPECIES, k, from + d), a0);
      b0 = y.fma(FloatVector.fromArray(SPECIES, k, from + d + LANES), b0);
      a1 = x.fma(FloatVector.fromArray(SPECIES, k, from1 + d), a1);
      b1 = y.fma(FloatVector.fromArray(SPECIES, k, from1 + d + LANES), b1);
      a2 = x.fma(FloatVector.fromArray(SPECIES, k, from2 + d), a2);
      b2 = y.fma(FloatVector.fromArray(SPECIES, k, from2 + d + LANES), b2);
      a3 = x.fma(FloatVector.fromArray(SPECIES, k, from3 + d), a3);
      b3 = y.fma(FloatVector.fromArray(SPECIES, k, from3 + d + LANES), b3);
    }
    for (; d <= headSize - LANES; d += LANES) { // once at most
      FloatVector x = FloatVector.fromArray(SPECIES, q, qo + d);
      a0 = x.fma(FloatVector.fromArray(SPECIES, k, from + d), a0);
      a1 = x.fma(FloatVector.fromArray(SPECIES, k, from1 + d), a1);
      a2 = x.fma(FloatVector.fromArray(SPECIES, k, from2 + d), a2);
      a3 = x.fma(FloatVector.fromArray(SPECIES, k, from3 + d), a3);
    }
    float sum0 = sum(a0.add(b0));
    float sum1 = sum(a1.add(b1));
    float sum2 = sum(a2.add(b2));
    float sum3 = sum(a3.add(b3));
    for (; d < headSize; d++) {
      sum0 += q[qo + d] * k[from + d];
      sum1 += q[qo + d] * k[from1 + d];
      sum2 += q[qo + d] * k[from2 + d];
      sum3 += q[qo + d] * k[from3 + d];
    }
    scores[to] = factor * sum0;
    scores[to + part] = factor * sum1;
    scores[to + 2 * part] = factor * sum2;
    scores[to + 3 * part] = factor * sum3;
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
      int distance,
      int count,
      float[] values,
      int row,
      int rowDistance,
      int stride,
      int columns,
      float[] output,
      int to) {
    for (int k = 0; k < count; k++) {
      addRows(
          weights, first + k, distance, values, row + k * stride, rowDistance, columns, output, to);
    }
  }

  /** A row of each stream. The output stays in the first-level cache. */
  private static void addRows(
      float[] weights,
      int at,
      int distance,
      float[] v,
      int from,
      int rowDistance,
      int columns,
      float[] o,
      int to) {
    float w0 = weights[at];
    float w1 = weights[at + distance];
    float w2 = weights[at + 2 * distance];
    float w3 = weights[at + 3 * distance];
    FloatVector x0 = FloatVector.broadcast(SPECIES, w0);
    FloatVector x1 = FloatVector.broadcast(SPECIES, w1);
    FloatVector x2 = FloatVector.broadcast(SPECIES, w2);
    FloatVector x3 = FloatVector.broadcast(SPECIES, w3);
    int from1 = from + rowDistance;
    int from2 = from1 + rowDistance;
    int from3 = from2 + rowDistance;
    int c = 0;
    for (; c <= columns - LANES; c += LANES) {
      FloatVector sum = FloatVector.fromArray(SPECIES, o, to + c);
      sum = x0.fma(FloatVector.fromArray(SPECIES, v, from + c), sum);
      sum = x1.fma(FloatVector.fromArray(SPECIES, v, from1 + c), sum);
      sum = x2.fma(FloatVector.fromArray(SPECIES, v, from2 + c), sum);
      sum = x3.fma(FloatVector.fromArray(SPECIES, v, from3 + c), sum);
      sum.intoArray(o, to + c);
    }
    for (; c < columns; c++) {
      o[to + c] += w0 * v[from + c] + w1 * v[from1 + c] + w2 * v[from2 + c] + w3 * v[from3 + c];
    }
  }
}
