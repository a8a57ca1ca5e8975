package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.kernel.RowPanels;
import dev.sightline.attention.internal.kernel.ScalarMath;
import dev.sightline.attention.internal.plan.GradientSchedule.Part;
import java.util.Arrays;

/**
 * Some blocks of queries of a part, as the loops of the backward pass need them: queries and
 * gradients of outputs, each in lanes and as rows, and two numbers of each row.
 */
final class GradientQueries {
  /** {@code [block][d][lane]}, scaled for powers of two. */
  final float[][] queries;

  /** {@code [block][d][lane]}. */
  final float[][] outputGradients;

  final RowPanels queryRows;
  final RowPanels gradientRows;

  /** {@code [block][lane]}, of the scores, in powers of two. */
  final float[][] logSumExp;

  /** {@code [block][lane]}: the product of the output and its gradient. */
  final float[][] shares;

  private final Kernel kernel;
  private final Problem problem;
  private final int width;
  private final int stride;
  private final float[] rows;

  GradientQueries(Kernel kernel, Problem problem, int mostBlocks) {
    this.kernel = kernel;
    this.problem = problem;
    this.width = kernel.width();
    int size = problem.headSize();
    int valueSize = problem.valueHeadSize();
    this.stride = Math.ceilDiv(Math.max(size, valueSize), width) * width;
    this.rows = new float[width * stride];
    int mostRows = Math.multiplyExact(mostBlocks, width);
    this.queries = new float[mostBlocks][size * width];
    this.outputGradients = new float[mostBlocks][valueSize * width];
    this.queryRows = new RowPanels(mostRows, size, width);
    this.gradientRows = new RowPanels(mostRows, valueSize, width);
    this.logSumExp = new float[mostBlocks][width];
    this.shares = new float[mostBlocks][width];
  }

  /** Loads block from + b of a part as block b. Rows that do not exist are zeros. */
  void load(GradientCall call, Sequence sequence, Part part, int from, int b) {
    int row = (part.firstBlock() + from + b) * width;
    int count = Math.min(width, sequence.queries() - row);
    if (count < width) {
      Arrays.fill(queries[b], 0f);
      Arrays.fill(outputGradients[b], 0f);
      queryRows.clear(b * width, (b + 1) * width);
      gradientRows.clear(b * width, (b + 1) * width);
      // A probability of 0 for any score.
      Arrays.fill(logSumExp[b], Float.POSITIVE_INFINITY);
      Arrays.fill(shares[b], 0f);
    }
    loadQueries(call, sequence, part.head(), row, b, count);
    loadGradients(call, sequence, part.head(), row, b, count);
    int sumsFrom = sequence.row() + part.head() * problem.rowHeadStride() + row;
    for (int lane = 0; lane < count; lane++) {
      logSumExp[b][lane] = call.logSumExp()[sumsFrom + lane] / ScalarMath.LN_2;
    }
  }

  private void loadQueries(
      GradientCall call, Sequence sequence, int head, int row, int b, int count) {
    int size = problem.headSize();
    Strides q = problem.query();
    int from = sequence.query() + head * q.head() + row * q.token();
    for (int lane = 0; lane < count; lane++) {
      call.forward().queries().widen(from + lane * q.token(), rows, lane * stride, size);
      queryRows.set(b * width + lane, rows, lane * stride, size);
    }
    float factor = problem.scale() * ScalarMath.LOG2_E;
    kernel.loadRows(rows, 0, stride, count, size, factor, queries[b]);
  }

  private void loadGradients(
      GradientCall call, Sequence sequence, int head, int row, int b, int count) {
    int size = problem.valueHeadSize();
    Strides o = problem.output();
    int from = sequence.output() + head * o.head() + row * o.token();
    for (int lane = 0; lane < count; lane++) {
      int at = from + lane * o.token();
      gradientRows.set(b * width + lane, call.outputGradient(), at, size);
      shares[b][lane] = dot(call.outputGradient(), call.forward().output(), at, size);
    }
    kernel.loadRows(call.outputGradient(), from, o.token(), count, size, 1f, outputGradients[b]);
  }

  /** Four sums, since one addition would wait for the other. */
  private static float dot(float[] x, float[] y, int at, int count) {
    float a = 0f;
    float b = 0f;
    float c = 0f;
    float e = 0f;
    int i = at;
    for (; i < at + count - 3; i += 4) {
      a += x[i] * y[i];
      b += x[i + 1] * y[i + 1];
      c += x[i + 2] * y[i + 2];
      e += x[i + 3] * y[i + 3];
    }
    for (; i < at + count; i++) {
      a += x[i] * y[i];
    }
    return a + b + (c + e);
  }
}
