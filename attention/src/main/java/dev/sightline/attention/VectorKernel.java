package dev.sightline.attention;

import java.lang.invoke.VarHandle;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The kernel on the Vector API: a block is two vectors of queries wide.
 *
 * <p>Why these shapes. An AVX2 core has 16 vector registers, and C2 (JDK 25) loads every operand of
 * a loop body before the first multiplication: accumulators + broadcasts + vectors of queries must
 * fit, or accumulators are spilled in every round. Measured on a Zen 3 core with a peak of 99
 * GFLOP/s, D 64: 6 x 2 (20 registers) 40, 4 x 2 (14) 90 to 94, 3 x 3 (15) 95, 5 x 2 (17, of which
 * C2 saves one) 36 for scores and 94 for values, where 4 x 2 has 78 because its eight accumulators
 * hide no latency of the range checks. Unrolling the 4 x 2 loop by hand spills again: 29 to 41.
 */
final class VectorKernel implements Kernel {
  private static final VectorSpecies<Float> SPECIES = species();
  private static final VectorSpecies<Integer> INTS = SPECIES.vectorShape().withLanes(int.class);
  private static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;
  private static final int LANES = SPECIES.length();
  private static final int WIDTH = 2 * LANES;
  private static final boolean FENCES = System.getProperty("os.arch").equals("amd64");

  private static final VectorShuffle<Float> BY_1 = VectorShuffle.iota(SPECIES, 1, 1, true);
  private static final VectorShuffle<Float> BY_2 = VectorShuffle.iota(SPECIES, 2, 1, true);
  private static final VectorShuffle<Float> BY_4 = VectorShuffle.iota(SPECIES, 4, 1, true);
  private static final VectorShuffle<Float> BY_8 = VectorShuffle.iota(SPECIES, 8, 1, true);

  /** Keys of a decoding step that are summed up in registers at a time. */
  private static final int ROWS = 64;

  /** Adding it rounds to an integer, which then stands, biased by 127, in the lowest bits. */
  private static final float ROUND = 0x1.8p23f + 127;

  // 2^r for |r| <= 1/2, relative error 9.2e-8 before rounding: least squares, reweighted to
  // minimax.
  private static final float C1 = 0.693147f;
  private static final float C2 = 0.24022242f;
  private static final float C3 = 0.055507336f;
  private static final float C4 = 0.009671513f;
  private static final float C5 = 0.0013264727f;

  private static VectorSpecies<Float> species() {
    String bits = System.getProperty(Kernels.BITS, "");
    return switch (bits) {
      case "" -> FloatVector.SPECIES_PREFERRED;
      case "128" -> FloatVector.SPECIES_128;
      case "256" -> FloatVector.SPECIES_256;
      case "512" -> FloatVector.SPECIES_512;
      default ->
          throw new IllegalArgumentException(
              "system property "
                  + Kernels.BITS
                  + " must be 128, 256 or 512, but is \""
                  + bits
                  + "\"");
    };
  }

  /**
   * Keeps C2 from loading what comes next before what came first is used up. It costs no
   * instruction on x86, where loads are never reordered; elsewhere it would.
   */
  private static void inOrder() {
    if (FENCES) {
      VarHandle.loadLoadFence();
    }
  }

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public String description() {
    return "vector, " + SPECIES.vectorBitSize() + " bits";
  }

  /**
   * The sum of all lanes in an order of our own: reduceLanes leaves it open, and compiled code
   * takes another one than the interpreter, so that results would change in the last bit as a JVM
   * warms up.
   */
  private static float sum(FloatVector x) {
    if (LANES > 8) {
      x = x.add(x.rearrange(BY_8));
    }
    if (LANES > 4) {
      x = x.add(x.rearrange(BY_4));
    }
    x = x.add(x.rearrange(BY_2));
    return x.add(x.rearrange(BY_1)).lane(0);
  }

  /** Exactly 0 below 2^-126, NaN for NaN. Arguments are at most a few units above 0. */
  private static FloatVector exp2(FloatVector x) {
    FloatVector shifted = x.add(ROUND);
    FloatVector r = x.sub(shifted.sub(ROUND));
    FloatVector power =
        shifted.viewAsIntegralLanes().lanewise(VectorOperators.LSHL, 23).viewAsFloatingLanes();
    FloatVector p = r.fma(FloatVector.broadcast(SPECIES, C5), FloatVector.broadcast(SPECIES, C4));
    p = p.fma(r, FloatVector.broadcast(SPECIES, C3));
    p = p.fma(r, FloatVector.broadcast(SPECIES, C2));
    p = p.fma(r, FloatVector.broadcast(SPECIES, C1));
    p = p.fma(r, FloatVector.broadcast(SPECIES, 1f));
    return p.mul(power).blend(0f, x.compare(VectorOperators.LT, -126f));
  }

  @Override
  public void loadRows(
      float[] rows, int offset, int stride, int count, int size, float factor, float[] queries) {
    for (int lane = 0; lane < count; lane++) {
      int at = offset + lane * stride;
      for (int d = 0; d < size; d++) {
        queries[d * WIDTH + lane] = rows[at + d] * factor;
      }
    }
  }

  /** Row by row: column by column would wait for as many cache lines of the rows as lanes. */
  @Override
  public void storeRows(
      float[] output,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int offset,
      int stride) {
    for (int lane = 0; lane < count; lane++) {
      int at = offset + lane * stride;
      for (int column = 0; column < columns; column++) {
        rows[at + column] = output[column * WIDTH + lane] * factors[lane];
      }
    }
  }

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
      inOrder();
      c = FloatVector.broadcast(SPECIES, k[from + PACKED_STRIDE + d]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      inOrder();
      c = FloatVector.broadcast(SPECIES, k[from + 2 * PACKED_STRIDE + d]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      inOrder();
      c = FloatVector.broadcast(SPECIES, k[from + 3 * PACKED_STRIDE + d]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      inOrder();
      c = FloatVector.broadcast(SPECIES, k[from + 4 * PACKED_STRIDE + d]);
      a4 = c.fma(x, a4);
      b4 = c.fma(y, b4);
      inOrder();
      c = FloatVector.broadcast(SPECIES, k[from + 5 * PACKED_STRIDE + d]);
      a5 = c.fma(x, a5);
      b5 = c.fma(y, b5);
      inOrder();
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
  public void forbid(float[] scores, int first, int end, int[] words, int offset) {
    for (int word = first >>> 5; word <= (end - 1) >>> 5; word++) {
      int from = Math.max(first, word << 5);
      int until = Math.min(end, (word + 1) << 5);
      forbidHalf(scores, from, until, words, offset + word * WIDTH, 0);
      forbidHalf(scores, from, until, words, offset + word * WIDTH + LANES, LANES);
    }
  }

  private static void forbidHalf(
      float[] scores, int from, int until, int[] words, int offset, int half) {
    IntVector bits = IntVector.fromArray(INTS, words, offset);
    for (int key = from; key < until; key++) {
      int at = key * WIDTH + half;
      // The key's bit becomes the sign, and a sign is one comparison away from a blend.
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
    FloatVector t = exp2(size.mul(-2 * Problem.LOG2_E));
    FloatVector large = FloatVector.broadcast(SPECIES, 1f).sub(t).div(t.add(1f));
    FloatVector tanh = large.blend(small, size.compare(VectorOperators.LT, 0.625f));
    return tanh.blend(tanh.neg(), x.compare(VectorOperators.LT, 0f));
  }

  @Override
  public void add(float[] scores, int first, int end, float[] bias) {
    for (int at = first * WIDTH; at < end * WIDTH; at += LANES) {
      FloatVector.fromArray(SPECIES, scores, at)
          .add(FloatVector.fromArray(SPECIES, bias, at))
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
   * Three methods that pass vectors in arrays: a method that answers a vector, called before C2 has
   * inlined it, makes an object of it in every round (19 ns a vector instead of 2.6).
   */
  private static void softmaxHalf(
      float[] scores, int first, int end, float[] max, float[] sum, float[] rescale, int half) {
    FloatVector before = FloatVector.fromArray(SPECIES, max, half);
    columnMax(scores, first, end, half, max);
    FloatVector reference = finite(FloatVector.fromArray(SPECIES, max, half));
    FloatVector factor = exp2(before.sub(reference));
    factor.intoArray(rescale, half);
    FloatVector.fromArray(SPECIES, sum, half).mul(factor).intoArray(sum, half);
    columnWeights(scores, first, end, half, max, sum);
  }

  /** Where nothing is allowed yet the maximum is -infinity, and -infinity minus itself is NaN. */
  private static FloatVector finite(FloatVector max) {
    return max.blend(0f, max.compare(VectorOperators.EQ, Float.NEGATIVE_INFINITY));
  }

  /**
   * Compare and blend: 0.38 ns a vector where max(), which has to honour NaN and -0, takes 0.88. A
   * NaN is never greater, so it never becomes the maximum; it comes through in the weights.
   */
  private static void columnMax(float[] scores, int first, int end, int half, float[] max) {
    FloatVector most = FloatVector.fromArray(SPECIES, max, half);
    for (int key = first; key < end; key++) {
      FloatVector score = FloatVector.fromArray(SPECIES, scores, key * WIDTH + half);
      most = most.blend(score, score.compare(VectorOperators.GT, most));
    }
    most.intoArray(max, half);
  }

  /** Adds up a tile before it meets the sum of all: long rows lose fewer digits that way. */
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
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 4]);
      a4 = c.fma(x, a4);
      b4 = c.fma(y, b4);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 5]);
      a5 = c.fma(x, a5);
      b5 = c.fma(y, b5);
      inOrder();
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
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      inOrder();
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
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 4]);
      a4 = c.fma(x, a4);
      b4 = c.fma(y, b4);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 5]);
      a5 = c.fma(x, a5);
      b5 = c.fma(y, b5);
      inOrder();
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
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 1]);
      a1 = c.fma(x, a1);
      b1 = c.fma(y, b1);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 2]);
      a2 = c.fma(x, a2);
      b2 = c.fma(y, b2);
      inOrder();
      c = FloatVector.broadcast(SPECIES, v[row + 3]);
      a3 = c.fma(x, a3);
      b3 = c.fma(y, b3);
      inOrder();
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

  @Override
  public void rowScores(
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
   * but read four streams, and that costs a third of the bandwidth.
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
  public float rowMax(float[] scores, int offset, int count) {
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
  public float rowWeights(float[] scores, int offset, int count, float reference) {
    FloatVector sum = FloatVector.zero(SPECIES);
    int whole = SPECIES.loopBound(count);
    for (int at = 0; at < whole; at += LANES) {
      FloatVector weight = exp2(FloatVector.fromArray(SPECIES, scores, offset + at).sub(reference));
      weight.intoArray(scores, offset + at);
      sum = sum.add(weight);
    }
    float total = sum(sum);
    for (int at = whole; at < count; at++) {
      float weight = ScalarKernel.exp2(scores[offset + at] - reference);
      scores[offset + at] = weight;
      total += weight;
    }
    return total;
  }

  @Override
  public void rowAccumulate(
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
        rowAccumulate8(
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
        rowAccumulate1(
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
        ScalarKernel.addRow(
            weights[weightsOffset + key + k],
            values,
            from + k * stride + column,
            columns - column,
            output,
            outputOffset + column);
      }
    }
  }

  private static void rowAccumulate8(
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

  private static void rowAccumulate1(
      float[] w, int at, int rows, float[] v, int from, int stride, float[] o, int to) {
    FloatVector a = FloatVector.fromArray(SPECIES, o, to);
    for (int row = 0; row < rows; row++) {
      a =
          FloatVector.broadcast(SPECIES, w[at + row])
              .fma(FloatVector.fromArray(SPECIES, v, from + row * stride), a);
    }
    a.intoArray(o, to);
  }

  @Override
  public boolean finite(float[] tile) {
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector a = zero;
    FloatVector b = zero;
    for (int at = 0; at < tile.length; at += WIDTH) {
      a = FloatVector.fromArray(SPECIES, tile, at).fma(zero, a);
      b = FloatVector.fromArray(SPECIES, tile, at + LANES).fma(zero, b);
    }
    return a.add(b).reduceLanes(VectorOperators.ADD) == 0f;
  }
}
