package dev.sightline.attention.internal.kernel;

/** The loops of the backward pass for a JVM without the Vector API. */
final class ScalarGradientKernel implements GradientKernel {
  private final int width;

  ScalarGradientKernel(int width) {
    this.width = width;
  }

  @Override
  public void scoreGradients(
      float[] scores, float[] products, int first, int end, float[] logSumExp, float[] shares) {
    for (int key = first; key < end; key++) {
      for (int lane = 0; lane < width; lane++) {
        int at = key * width + lane;
        float weight =
            scores[at] == Float.NEGATIVE_INFINITY
                ? 0f
                : ScalarMath.exp2(scores[at] - ScalarMath.finite(logSumExp[lane]));
        scores[at] = weight;
        products[at] = weight == 0f ? 0f : weight * (products[at] - shares[lane]);
      }
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
    for (int block = 0; block < blocks; block++) {
      for (int panel = 0; panel < rows.panels; panel++) {
        for (int key = first; key < end; key++) {
          int to = panel * sums.distance + (firstSum + key) * width;
          for (int lane = 0; lane < width; lane++) {
            float weight = weights[block][key * width + lane];
            int row = panel * rows.distance + (firstRows[block] + lane) * width;
            ScalarMath.addRow(weight, rows.values, row, width, sums.values, to);
          }
        }
      }
    }
  }

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
    for (int block = 0; block < blocks; block++) {
      for (int panel = 0; panel < rows.panels; panel++) {
        for (int key = first; key < end; key++) {
          int to = panel * sums.distance + (firstSum + key) * width;
          for (int lane = 0; lane < width; lane++) {
            float weight = weights[block][key * width + lane];
            if (weight != 0f) {
              int row = panel * rows.distance + (firstRows[block] + lane) * width;
              ScalarMath.addRow(weight, rows.values, row, width, sums.values, to);
            }
          }
        }
      }
    }
  }
}
