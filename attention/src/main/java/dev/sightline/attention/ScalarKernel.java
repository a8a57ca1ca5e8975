package dev.sightline.attention;

/**
 * The kernel in plain loops, for a JVM without the Vector API. The innermost loops run over the 16
 * queries of a block, which C2 vectorises by itself where it can.
 */
final class ScalarKernel implements Kernel {
  private static final int WIDTH = 16;

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public String description() {
    return "scalar";
  }

  /**
   * 2^x with the range reduction and the polynomial of {@link VectorKernel}; exactly 0 below
   * 2^-126.
   */
  static float exp2(float x) {
    if (x < -126f) {
      return 0f;
    }
    float shifted = x + (0x1.8p23f + 127);
    float r = x - (shifted - (0x1.8p23f + 127));
    float power = Float.intBitsToFloat(Float.floatToRawIntBits(shifted) << 23);
    float p = 0.0013264727f;
    p = p * r + 0.009671513f;
    p = p * r + 0.055507336f;
    p = p * r + 0.24022242f;
    p = p * r + 0.693147f;
    p = p * r + 1f;
    return p * power;
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
    int whole = Math.max(0, Kernel.groups(columns) - 1) * COLUMNS;
    for (int lane = 0; lane < count; lane++) {
      storeRow(output, lane, 0, factors[lane], rows, offset + lane * stride, whole);
      // The last group overlaps the one before, unless it is the only one.
      int first = Math.max(0, columns - COLUMNS);
      storeRow(
          output,
          lane,
          whole,
          factors[lane],
          rows,
          offset + lane * stride + first,
          columns - first);
    }
  }

  private static void storeRow(
      float[] output, int lane, int from, float factor, float[] rows, int at, int count) {
    for (int column = 0; column < count; column++) {
      rows[at + column] = output[(from + column) * WIDTH + lane] * factor;
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
    for (int key = first; key < end; key++) {
      int to = key * WIDTH;
      int from = offset + key * stride;
      for (int lane = 0; lane < WIDTH; lane++) {
        scores[to + lane] = 0f;
      }
      for (int d = 0; d < headSize; d++) {
        float x = keys[from + d];
        for (int lane = 0; lane < WIDTH; lane++) {
          scores[to + lane] += x * queries[d * WIDTH + lane];
        }
      }
    }
  }

  @Override
  public void packedScores(
      float[] queries, int headSize, float[] panels, int first, int end, float[] scores) {
    scores(queries, headSize, panels, 0, PACKED_STRIDE, first, end, scores);
  }

  @Override
  public void forbid(float[] scores, int first, int end, int[] words, int offset) {
    for (int key = first; key < end; key++) {
      for (int lane = 0; lane < WIDTH; lane++) {
        if ((words[offset + (key >>> 5) * WIDTH + lane] >>> (key & 31) & 1) == 0) {
          scores[key * WIDTH + lane] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }

  @Override
  public void softcap(float[] scores, int first, int end, float cap) {
    for (int at = first * WIDTH; at < end * WIDTH; at++) {
      scores[at] = cap * (float) Math.tanh(scores[at] / cap);
    }
  }

  @Override
  public void add(float[] scores, int first, int end, float[] bias) {
    for (int at = first * WIDTH; at < end * WIDTH; at++) {
      scores[at] += bias[at];
    }
  }

  @Override
  public void alibi(
      float[] scores, int first, int end, float slope, float[] positions, float firstKey) {
    for (int key = first; key < end; key++) {
      for (int lane = 0; lane < WIDTH; lane++) {
        scores[key * WIDTH + lane] -= slope * Math.abs(positions[lane] - firstKey - key);
      }
    }
  }

  @Override
  public void softmax(
      float[] scores, int first, int end, float[] max, float[] sum, float[] rescale) {
    for (int lane = 0; lane < WIDTH; lane++) {
      float before = max[lane];
      float now = before;
      for (int key = first; key < end; key++) {
        float score = scores[key * WIDTH + lane];
        now = score > now ? score : now;
      }
      max[lane] = now;
      float reference = finite(now);
      float added = 0f;
      for (int key = first; key < end; key++) {
        float weight = exp2(scores[key * WIDTH + lane] - reference);
        scores[key * WIDTH + lane] = weight;
        added += weight;
      }
      rescale[lane] = exp2(before - reference);
      sum[lane] = sum[lane] * rescale[lane] + added;
    }
  }

  /** Where nothing is allowed the maximum is -infinity, and -infinity minus itself is NaN. */
  static float finite(float max) {
    return max == Float.NEGATIVE_INFINITY ? 0f : max;
  }

  @Override
  public void weights(float[] scores, int first, int end, float[] reference) {
    for (int key = first; key < end; key++) {
      for (int lane = 0; lane < WIDTH; lane++) {
        scores[key * WIDTH + lane] = exp2(scores[key * WIDTH + lane] - finite(reference[lane]));
      }
    }
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
    for (int group = 0; group < Kernel.groups(columns); group++) {
      int column = offset + Kernel.firstColumn(group, columns);
      accumulateGroup(weights, first, end, values, column, stride, rescale, output, group);
    }
  }

  private static void accumulateGroup(
      float[] weights,
      int first,
      int end,
      float[] values,
      int at,
      int stride,
      float[] rescale,
      float[] output,
      int group) {
    for (int c = 0; c < COLUMNS; c++) {
      int to = (group * COLUMNS + c) * WIDTH;
      for (int lane = 0; lane < WIDTH; lane++) {
        output[to + lane] *= rescale[lane];
      }
      for (int key = first; key < end; key++) {
        float x = values[at + c + key * stride];
        for (int lane = 0; lane < WIDTH; lane++) {
          output[to + lane] += x * weights[key * WIDTH + lane];
        }
      }
    }
  }

  @Override
  public void packValues(
      float[] values, int offset, int stride, int count, int columns, float[] panels) {
    for (int group = 0; group < Kernel.groups(columns); group++) {
      int from = offset + Kernel.firstColumn(group, columns);
      for (int key = 0; key < count; key++) {
        System.arraycopy(
            values, from + key * stride, panels, (group * count + key) * COLUMNS, COLUMNS);
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
    for (int group = 0; group < Kernel.groups(columns); group++) {
      int at = group * count * COLUMNS;
      accumulateGroup(weights, first, end, panels, at, COLUMNS, rescale, output, group);
    }
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
      float sum = 0f;
      for (int d = 0; d < headSize; d++) {
        sum += query[queryOffset + d] * keys[offset + key * stride + d];
      }
      scores[scoresOffset + key] = factor * sum;
    }
  }

  @Override
  public float rowMax(float[] scores, int offset, int count) {
    float most = Float.NEGATIVE_INFINITY;
    for (int at = offset; at < offset + count; at++) {
      most = scores[at] > most ? scores[at] : most;
    }
    return most;
  }

  @Override
  public float rowWeights(float[] scores, int offset, int count, float reference) {
    float sum = 0f;
    for (int at = offset; at < offset + count; at++) {
      scores[at] = exp2(scores[at] - reference);
      sum += scores[at];
    }
    return sum;
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
    for (int key = 0; key < count; key++) {
      addRow(
          weights[weightsOffset + key],
          values,
          offset + key * stride,
          columns,
          output,
          outputOffset);
    }
  }

  static void addRow(float weight, float[] values, int from, int columns, float[] output, int to) {
    for (int d = 0; d < columns; d++) {
      output[to + d] += weight * values[from + d];
    }
  }

  @Override
  public boolean finite(float[] tile) {
    float nothing = 0f;
    for (float x : tile) {
      nothing += x * 0f;
    }
    return nothing == 0f;
  }
}
