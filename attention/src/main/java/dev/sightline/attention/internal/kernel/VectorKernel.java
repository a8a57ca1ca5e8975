package dev.sightline.attention.internal.kernel;

import static dev.sightline.attention.internal.kernel.Lanes.C1;
import static dev.sightline.attention.internal.kernel.Lanes.C2;
import static dev.sightline.attention.internal.kernel.Lanes.C3;
import static dev.sightline.attention.internal.kernel.Lanes.C4;
import static dev.sightline.attention.internal.kernel.Lanes.C5;
import static dev.sightline.attention.internal.kernel.Lanes.LANES;
import static dev.sightline.attention.internal.kernel.Lanes.ROUND;
import static dev.sightline.attention.internal.kernel.Lanes.SPECIES;
import static dev.sightline.attention.internal.kernel.Lanes.WIDTH;
import static dev.sightline.attention.internal.kernel.Lanes.exp2;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The kernel on the Vector API: a block is two vectors of queries wide. */
final class VectorKernel extends RowProducts {
  private static final VectorSpecies<Integer> INTS = SPECIES.vectorShape().withLanes(int.class);
  private final RowKernel rows = new VectorRowKernel();
  private final GradientKernel gradients = new VectorGradientKernel();

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public String description() {
    return "vector, " + SPECIES.vectorBitSize() + " bits";
  }

  @Override
  public RowKernel rows() {
    return rows;
  }

  @Override
  public GradientKernel gradients() {
    return gradients;
  }

  /**
   * Eight by eight where there are as many. The rest and that of storeRows repeat the scalar
   * kernel's code: with a width that is a constant C2 proves the bounds before the loop; with a
   * field, storing took half as long again.
   */
  @Override
  public void loadRows(
      float[] rows, int offset, int stride, int count, int size, float factor, float[] queries) {
    int lanes = LANES < Turn.SIZE ? 0 : count / Turn.SIZE * Turn.SIZE;
    int whole = size / Turn.SIZE * Turn.SIZE;
    for (int lane = 0; lane < lanes; lane += Turn.SIZE) {
      int at = offset + lane * stride;
      for (int d = 0; d < whole; d += Turn.SIZE) {
        Turn.turn(rows, at + d, stride, factor, queries, d * WIDTH + lane, WIDTH);
      }
    }
    for (int lane = 0; lane < count; lane++) {
      int at = offset + lane * stride;
      for (int d = lane < lanes ? whole : 0; d < size; d++) {
        queries[d * WIDTH + lane] = rows[at + d] * factor;
      }
    }
  }

  @Override
  public boolean storeRows(
      float[] output,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int offset,
      int stride) {
    boolean finite = scale(output, columns, factors);
    int lanes = LANES < Turn.SIZE ? 0 : count / Turn.SIZE * Turn.SIZE;
    int whole = columns / Turn.SIZE * Turn.SIZE;
    for (int lane = 0; lane < lanes; lane += Turn.SIZE) {
      int to = offset + lane * stride;
      for (int c = 0; c < whole; c += Turn.SIZE) {
        Turn.turn(output, c * WIDTH + lane, WIDTH, 1f, rows, to + c, stride);
      }
    }
    for (int lane = 0; lane < count; lane++) {
      int to = offset + lane * stride;
      for (int c = lane < lanes ? whole : 0; c < columns; c++) {
        rows[to + c] = output[c * WIDTH + lane];
      }
    }
    return finite;
  }

  private static boolean scale(float[] output, int columns, float[] factors) {
    FloatVector left = FloatVector.fromArray(SPECIES, factors, 0);
    FloatVector right = FloatVector.fromArray(SPECIES, factors, LANES);
    FloatVector a = FloatVector.zero(SPECIES);
    FloatVector b = a;
    for (int at = 0; at < columns * WIDTH; at += WIDTH) {
      FloatVector x = FloatVector.fromArray(SPECIES, output, at);
      FloatVector y = FloatVector.fromArray(SPECIES, output, at + LANES);
      a = x.fma(FloatVector.zero(SPECIES), a);
      b = y.fma(FloatVector.zero(SPECIES), b);
      x.add(0f).mul(left).intoArray(output, at);
      y.add(0f).mul(right).intoArray(output, at + LANES);
    }
    return a.add(b).reduceLanes(VectorOperators.ADD) == 0f;
  }

  @Override
  public void forbid(float[] scores, int first, int end, int[] words, int offset) {
    for (int word = first >>> 5; word <= (end - 1) >>> 5; word++) {
      if (allAllowed(words, offset + word * WIDTH)) {
        continue;
      }
      int from = Math.max(first, word << 5);
      int until = Math.min(end, (word + 1) << 5);
      forbidHalf(scores, from, until, words, offset + word * WIDTH, 0);
      forbidHalf(scores, from, until, words, offset + word * WIDTH + LANES, LANES);
    }
  }

  /** Most words of the partial tiles of a window. */
  private static boolean allAllowed(int[] words, int offset) {
    IntVector low = IntVector.fromArray(INTS, words, offset);
    IntVector high = IntVector.fromArray(INTS, words, offset + LANES);
    return low.and(high).compare(VectorOperators.EQ, -1).allTrue();
  }

  private static void forbidHalf(
      float[] scores, int from, int until, int[] words, int offset, int half) {
    IntVector bits = IntVector.fromArray(INTS, words, offset);
    for (int key = from; key < until; key++) {
      int at = key * WIDTH + half;
      // Shifted to the sign, the key's bit needs only one comparison before the blend.
      IntVector sign = bits.lanewise(VectorOperators.LSHL, 31 - (key & 31));
      FloatVector score = FloatVector.fromArray(SPECIES, scores, at);
      score
          .blend(Float.NEGATIVE_INFINITY, sign.compare(VectorOperators.GE, 0).cast(SPECIES))
          .intoArray(scores, at);
    }
  }

  @Override
  public void softcap(float[] scores, int first, int end, float cap) {
    for (int at = first * WIDTH; at < end * WIDTH; at += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, scores, at).div(cap);
      tanh(x).mul(cap).intoArray(scores, at);
    }
  }

  /**
   * Near 0 an odd polynomial (relative error 1.2e-7), elsewhere 1 - 2 / (e^2|x| + 1), which would
   * lose the digits of a small x.
   */
  private static FloatVector tanh(FloatVector x) {
    FloatVector size = x.abs();
    FloatVector z = x.mul(x);
    FloatVector p =
        z.fma(
            FloatVector.broadcast(SPECIES, 0.015195373f),
            FloatVector.broadcast(SPECIES, -0.051947903f));
    p = p.fma(z, FloatVector.broadcast(SPECIES, 0.13308175f));
    p = p.fma(z, FloatVector.broadcast(SPECIES, -0.33332342f));
    FloatVector small = p.mul(z).fma(size, size);
    // Negative, since exp2 here is made for arguments up to 0: tanh = (1 - t) / (1 + t), t =
    // e^-2|x|.
    FloatVector t = exp2(size.mul(-2 * ScalarMath.LOG2_E));
    FloatVector large = FloatVector.broadcast(SPECIES, 1f).sub(t).div(t.add(1f));
    FloatVector tanh = large.blend(small, size.compare(VectorOperators.LT, 0.625f));
    return tanh.blend(tanh.neg(), x.compare(VectorOperators.LT, 0f));
  }

  @Override
  public void add(float[] scores, int first, int end, float[] bias) {
    for (int at = first * WIDTH; at < end * WIDTH; at += LANES) {
      FloatVector added = FloatVector.fromArray(SPECIES, bias, at);
      FloatVector.fromArray(SPECIES, scores, at)
          .add(added)
          .blend(added, added.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY))
          .intoArray(scores, at);
    }
  }

  @Override
  public void alibi(
      float[] scores, int first, int end, float slope, float[] positions, float firstKey) {
    alibiHalf(scores, first, end, slope, positions, firstKey, 0);
    alibiHalf(scores, first, end, slope, positions, firstKey, LANES);
  }

  private static void alibiHalf(
      float[] scores,
      int first,
      int end,
      float slope,
      float[] positions,
      float firstKey,
      int half) {
    FloatVector position = FloatVector.fromArray(SPECIES, positions, half).sub(firstKey);
    for (int key = first; key < end; key++) {
      int at = key * WIDTH + half;
      FloatVector distance = position.sub(key).abs();
      FloatVector.fromArray(SPECIES, scores, at).sub(distance.mul(slope)).intoArray(scores, at);
    }
  }

  @Override
  public void softmax(
      float[] scores, int first, int end, float[] max, float[] sum, float[] rescale) {
    softmaxHalf(scores, first, end, max, sum, rescale, 0);
    softmaxHalf(scores, first, end, max, sum, rescale, LANES);
  }

  /**
   * One long method, with 2^x written out: above 325 bytecodes C2 does not inline it. Inlined twice
   * into softmax, its loops took 2.5 times as long, and a batch of sentences a quarter longer; that
   * C2 inlined it in some processes and not in others made some slow from start to end. Vectors are
   * not passed to helpers either: one called before C2 has inlined it allocates an object in every
   * iteration (19 ns a vector instead of 2).
   *
   * <p>Compare and blend: 0.38 ns a vector where max(), which has to honour NaN and -0, takes 0.88.
   * A NaN is never greater, so it never becomes the maximum; the weights become NaN instead. A tile
   * is summed before it is added to the running sum: long rows lose fewer digits that way.
   */
  private static void softmaxHalf(
      float[] scores, int first, int end, float[] max, float[] sum, float[] rescale, int half) {
    FloatVector before = FloatVector.fromArray(SPECIES, max, half);
    FloatVector most = before;
    for (int key = first; key < end; key++) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, key * WIDTH + half);
      most = most.blend(score, score.compare(VectorOperators.GT, most));
    }
    most.intoArray(max, half);
    FloatVector reference =
        most.blend(0f, most.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
    FloatVector added = FloatVector.zero(SPECIES);
    for (int key = first; key < end; key++) {
      int at = key * WIDTH + half;
      FloatVector x = FloatVector.fromArray(SPECIES, scores, at).sub(reference);
      FloatVector shifted = x.add(ROUND);
      FloatVector r = x.sub(shifted.sub(ROUND));
      FloatVector power =
          shifted.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, 23).viewAsFloatingLanes();
      FloatVector p = r.fma(FloatVector.broadcast(SPECIES, C5), FloatVector.broadcast(SPECIES, C4));
      p = p.fma(r, FloatVector.broadcast(SPECIES, C3));
      p = p.fma(r, FloatVector.broadcast(SPECIES, C2));
      p = p.fma(r, FloatVector.broadcast(SPECIES, C1));
      p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
      FloatVector weight = p.mul(power).blend(0f, x.compare(VectorOperators.LT, -126f));
      weight.intoArray(scores, at);
      added = added.add(weight);
    }
    FloatVector factor = exp2(before.sub(reference));
    factor.intoArray(rescale, half);
    FloatVector.fromArray(SPECIES, sum, half).mul(factor).add(added).intoArray(sum, half);
  }

  /** Where nothing is allowed yet the maximum is -infinity, and -infinity minus itself is NaN. */
  private static FloatVector finite(FloatVector max) {
    return max.blend(0f, max.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
  }

  private static void columnWeights(
      float[] scores, int first, int end, int half, float[] max, float[] sum) {
    FloatVector reference = finite(FloatVector.fromArray(SPECIES, max, half));
    FloatVector added = FloatVector.zero(SPECIES);
    for (int key = first; key < end; key++) {
      int at = key * WIDTH + half;
      FloatVector weight = exp2(FloatVector.fromArray(SPECIES, scores, at).sub(reference));
      weight.intoArray(scores, at);
      added = added.add(weight);
    }
    FloatVector.fromArray(SPECIES, sum, half).add(added).intoArray(sum, half);
  }

  @Override
  public void weights(float[] scores, int first, int end, float[] reference) {
    float[] sums = new float[WIDTH];
    columnWeights(scores, first, end, 0, reference, sums);
    columnWeights(scores, first, end, LANES, reference, sums);
  }

  /** Column by column: it is used only where a value is not finite, which is rare. */
  @Override
  public void accumulateWeighted(
      float[] weights,
      int first,
      int end,
      float[] values,
      int offset,
      int stride,
      int columns,
      float[] rescale,
      float[] output) {
    for (int column = 0; column < columns; column++) {
      for (int half = 0; half < WIDTH; half += LANES) {
        int to = column * WIDTH + half;
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector factor = FloatVector.fromArray(SPECIES, rescale, half);
        FloatVector total = FloatVector.fromArray(SPECIES, output, to).mul(factor);
        total = total.blend(zero, factor.compare(VectorOperators.EQ, 0f));
        for (int key = first; key < end; key++) {
          FloatVector weight = FloatVector.fromArray(SPECIES, weights, key * WIDTH + half);
          FloatVector value =
              FloatVector.broadcast(SPECIES, values[offset + key * stride + column]);
          total = value.fma(weight, total).blend(total, weight.compare(VectorOperators.EQ, 0f));
        }
        total.intoArray(output, to);
      }
    }
  }

  @Override
  public boolean settle(float[] tile) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector a = zero;
    FloatVector b = zero;
    for (int at = 0; at < tile.length; at += WIDTH) {
      FloatVector x = FloatVector.fromArray(SPECIES, tile, at);
      FloatVector y = FloatVector.fromArray(SPECIES, tile, at + LANES);
      a = x.fma(zero, a);
      b = y.fma(zero, b);
      x.add(zero).intoArray(tile, at);
      y.add(zero).intoArray(tile, at + LANES);
    }
    return a.add(b).reduceLanes(VectorOperators.ADD) == 0f;
  }
}
