package dev.sightline.attention.internal.plan;

import dev.sightline.attention.internal.kernel.Kernel;
import dev.sightline.attention.internal.plan.GradientSchedule.Merge;
import dev.sightline.attention.internal.plan.GradientSchedule.Part;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Adds the parts of a head's gradients of queries, and writes them as rows. */
final class QueryGradientMerger {
  private final Kernel kernel;
  private final Problem problem;
  private final float[] zeros;
  private final float[] scale;

  QueryGradientMerger(Kernel kernel, Problem problem) {
    this.kernel = kernel;
    this.problem = problem;
    this.zeros = new float[Kernel.padded(problem.headSize()) * kernel.width()];
    this.scale = new float[kernel.width()];
    Arrays.fill(scale, problem.scale());
  }

  void merge(GradientCall call, Merge merge) {
    Sequence sequence = merge.sequence();
    Strides q = problem.query();
    int width = kernel.width();
    for (int row = 0; row < sequence.queries(); row += width) {
      float[] sum = sum(merge.parts(), row / width);
      int rows = Math.min(width, sequence.queries() - row);
      int to = sequence.query() + merge.head() * q.head() + row * q.token();
      kernel.storeRows(sum, problem.headSize(), scale, rows, call.queryGradient(), to, q.token());
    }
  }

  /** The sum of a block's parts, in the first of them, which the next run overwrites anyway. */
  private float[] sum(List<Part> parts, int block) {
    float @Nullable [] sum = null;
    for (Part part : parts) {
      if (block >= part.firstBlock() && block < part.endBlock()) {
        float[] gradients = part.gradients()[block - part.firstBlock()];
        if (sum == null) {
          sum = gradients;
        } else {
          for (int i = 0; i < sum.length; i++) {
            sum[i] += gradients[i];
          }
        }
      }
    }
    return sum == null ? zeros : sum;
  }
}
