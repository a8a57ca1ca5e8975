package dev.sightline.bench.comparison;

import dev.sightline.mask.BoundMask;
import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;

/** Rows of the output by the definition, in double precision. */
final class Reference implements Expectation {
  private static final int ROWS = 48;

  /** Single precision is a hundred times below it; a wrong mask or scale is far above. */
  static final double TOLERANCE = 1e-4;

  private final Workload workload;
  private final Inputs inputs;
  private final BoundMask mask;

  Reference(Workload workload, Inputs inputs) {
    this.workload = workload;
    this.inputs = inputs;
    this.mask = workload.bound();
  }

  /**
   * The largest difference in the rows that are checked, in units of the row's root mean square;
   * infinite if a number of the output is not finite.
   *
   * @param output {@code [B, Hq, Lq, D]}
   */
  @Override
  public double error(float[] output) {
    if (output.length != inputs.query.length) {
      return Double.POSITIVE_INFINITY;
    }
    for (float x : output) {
      if (!Float.isFinite(x)) {
        return Double.POSITIVE_INFINITY;
      }
    }
    RandomGenerator random = Inputs.random(4);
    int rows = workload.batch() * workload.queryHeads() * workload.queries();
    double worst = Math.max(error(output, 0), error(output, rows - 1));
    for (int i = 0; i < ROWS; i++) {
      worst = Math.max(worst, error(output, random.nextInt(rows)));
    }
    return worst;
  }

  @Override
  public String problem(double error) {
    return error <= TOLERANCE
        ? ""
        : String.format(
            Locale.ROOT, "is wrong: the largest error is %.2g of the size of its row", error);
  }

  private double error(float[] output, int row) {
    if (row % workload.queries()
        >= workload.queriesOf(row / workload.queries() / workload.queryHeads())) {
      return 0; // padding, where backends differ
    }
    double[] expected = row(row);
    double squares = Arrays.stream(expected).map(x -> x * x).sum();
    double scale = squares == 0 ? 1 : Math.sqrt(squares / expected.length);
    double worst = 0;
    for (int d = 0; d < expected.length; d++) {
      double difference = output[row * expected.length + d] - expected[d];
      worst = Math.max(worst, Math.abs(difference) / scale);
    }
    return worst;
  }

  /** One row of the output, counted over {@code [B, Hq, Lq]}. */
  double[] row(int row) {
    int query = row % workload.queries();
    int head = row / workload.queries() % workload.queryHeads();
    int batch = row / workload.queries() / workload.queryHeads();
    int size = workload.headSize();
    int keyHead =
        batch * workload.keyHeads() + head / (workload.queryHeads() / workload.keyHeads());
    double[] scores = new double[workload.keys()];
    double max = Double.NEGATIVE_INFINITY;
    for (int j = 0; j < scores.length; j++) {
      scores[j] = Double.NEGATIVE_INFINITY;
      if (j < workload.keysOf(batch) && mask.allowed(0, 0, query, j)) {
        double sum = 0;
        for (int d = 0; d < size; d++) {
          sum +=
              (double) inputs.query[row * size + d]
                  * inputs.key[(keyHead * workload.keys() + j) * size + d];
        }
        scores[j] = sum / Math.sqrt(size);
        max = Math.max(max, scores[j]);
      }
    }
    double[] output = new double[size];
    double total = 0;
    for (int j = 0; j < scores.length; j++) {
      if (scores[j] > Double.NEGATIVE_INFINITY) {
        double weight = Math.exp(scores[j] - max);
        total += weight;
        for (int d = 0; d < size; d++) {
          output[d] += weight * inputs.value[(keyHead * workload.keys() + j) * size + d];
        }
      }
    }
    for (int d = 0; d < size && total > 0; d++) {
      output[d] /= total;
    }
    return output;
  }
}
