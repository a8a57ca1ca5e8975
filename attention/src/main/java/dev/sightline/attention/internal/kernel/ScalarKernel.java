package dev.sightline.attention.internal.kernel;

/**
 * The kernel in plain loops, for a JVM without the Vector API. The innermost loops run over the 16
 * queries of a block, which C2 vectorises by itself where it can.
 */
final class ScalarKernel implements Kernel {
  private static final int WIDTH = 16;

  private final RowKernel rows = new ScalarRowKernel();
  private final GradientKernel gradients = new ScalarGradientKernel(WIDTH);

  @Override
  public RowKernel rows() {
    return rows;
  }

  @Override
  public GradientKernel gradients() {
    return gradients;
  }

  @Override
  public int width() {
    return WIDTH;
  }

  @Override
  public String description() {
    return "scalar";
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
  public boolean storeRows(
      float[] output,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int offset,
      int stride) {
    float doubt = 0f;
    for (int lane = 0; lane < count; lane++) {
      int at = offset + lane * stride;
      for (int column = 0; column < columns; column++) {
        float sum = output[column * WIDTH + lane] + 0f;
        doubt += sum * 0f;
        rows[at + column] = sum * factors[lane];
      }
    }
    return doubt == 0f;
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
      scores[at] = bias[at] == Float.NEGATIVE_INFINITY ? bias[at] : scores[at] + bias[at];
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
      float reference = ScalarMath.finite(now);
      float added = 0f;
      for (int key = first; key < end; key++) {
        float weight = ScalarMath.exp2(scores[key * WIDTH + lane] - reference);
        scores[key * WIDTH + lane] = weight;
        added += weight;
      }
      rescale[lane] = ScalarMath.exp2(before - reference);
      sum[lane] = sum[lane] * rescale[lane] + added;
    }
  }

  @Override
  public void weights(float[] scores, int first, int end, float[] reference) {
    for (int key = first; key < end; key++) {
      for (int lane = 0; lane < WIDTH; lane++) {
        scores[key * WIDTH + lane] =
            ScalarMath.exp2(scores[key * WIDTH + lane] - ScalarMath.finite(reference[lane]));
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
    for (int column = 0; column < columns; column++) {
      accumulateColumn(
          weights, first, end, values, offset + column, stride, rescale, output, column * WIDTH);
    }
  }

  private static void accumulateColumn(
      float[] weights,
      int first,
      int end,
      float[] values,
      int at,
      int stride,
      float[] rescale,
      float[] output,
      int to) {
    for (int lane = 0; lane < WIDTH; lane++) {
      output[to + lane] *= rescale[lane];
    }
    for (int key = first; key < end; key++) {
      float x = values[at + key * stride];
      for (int lane = 0; lane < WIDTH; lane++) {
        output[to + lane] += x * weights[key * WIDTH + lane];
      }
    }
  }

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
      for (int lane = 0; lane < WIDTH; lane++) {
        int to = column * WIDTH + lane;
        float total = rescale[lane] == 0f ? 0f : output[to] * rescale[lane];
        for (int key = first; key < end; key++) {
          float weight = weights[key * WIDTH + lane];
          if (weight != 0f) {
            total += values[offset + key * stride + column] * weight;
          }
        }
        output[to] = total;
      }
    }
  }

  @Override
  public void packValues(
      float[] values, int offset, int stride, int count, int columns, float[] panels) {
    int size;
    for (int column = 0; column < columns; column += size) {
      size = Kernel.groupSize(columns - column);
      for (int key = 0; key < count; key++) {
        System.arraycopy(
            values, offset + key * stride + column, panels, column * count + key * size, size);
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
    int size;
    for (int column = 0; column < columns; column += size) {
      size = Kernel.groupSize(columns - column);
      for (int c = 0; c < size; c++) {
        int to = (column + c) * WIDTH;
        accumulateColumn(
            weights, first, end, panels, column * count + c, size, rescale, output, to);
      }
    }
  }

  @Override
  public void packRows(float[] rows, int offset, int stride, int count, int size, float[] packed) {
    for (int row = 0; row < count; row++) {
      System.arraycopy(rows, offset + row * stride, packed, row * PACKED_STRIDE, size);
    }
  }

  /** Blocks are as fast here. */
  @Override
  public boolean writesRows(int columns) {
    return false;
  }

  @Override
  public boolean weightedRows(
      float[] weights,
      int first,
      int end,
      float[] values,
      int columns,
      float[] factors,
      int count,
      float[] rows,
      int to,
      int rowStride) {
    throw new UnsupportedOperationException("this kernel writes blocks");
  }

  @Override
  public boolean settle(float[] tile) {
    float nothing = 0f;
    for (int at = 0; at < tile.length; at++) {
      nothing += tile[at] * 0f;
      tile[at] += 0f;
    }
    return nothing == 0f;
  }
}
