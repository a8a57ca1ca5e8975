package dev.sightline.bench.comparison;

import java.util.Arrays;
import java.util.Locale;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Rows of the gradients by the chain rule, in double precision: of some queries of any head, and of
 * some keys of the last key head, which all its queries contribute to.
 */
final class GradientReference implements Expectation {
  /** A hundred roundings of a float. */
  static final double TOLERANCE = 1e-5;

  private static final int ROWS = 24;

  private final Workload workload;
  private final Inputs inputs;
  private final float[] outputGradient;
  private final boolean[] cells;
  private final double scale;

  GradientReference(Workload workload, Inputs inputs) {
    this.workload = workload;
    this.inputs = inputs;
    this.outputGradient = Inputs.outputGradient(workload);
    this.cells = MaskCells.of(workload);
    this.scale = 1 / Math.sqrt(workload.headSize());
  }

  /**
   * In units of the largest gradient of queries, keys or values among the rows that are checked.
   */
  @Override
  public double error(float[] output) {
    if (output.length != inputs.query.length + inputs.key.length + inputs.value.length) {
      return Double.POSITIVE_INFINITY;
    }
    for (float x : output) {
      if (!Float.isFinite(x)) {
        return Double.POSITIVE_INFINITY;
      }
    }
    RandomGenerator random = Inputs.random(6);
    int rows = inputs.query.length / workload.headSize();
    int[] queries = IntStream.range(0, ROWS).map(i -> random.nextInt(rows)).toArray();
    queries[0] = 0;
    queries[1] = rows - 1;
    double[][] expected =
        IntStream.of(queries).mapToObj(row -> query(row).gradient).toArray(double[][]::new);
    double worst = error(output, 0, queries, expected);

    int keys = workload.keys();
    int last = workload.batch() * workload.keyHeads() - 1;
    int[] sampled = IntStream.range(0, ROWS).map(i -> random.nextInt(keys)).toArray();
    sampled[0] = 0;
    sampled[1] = keys - 1;
    double[][] keyGradients = new double[ROWS][workload.headSize()];
    double[][] valueGradients = new double[ROWS][workload.headSize()];
    addKeys(last, sampled, keyGradients, valueGradients);
    int[] at = IntStream.of(sampled).map(key -> last * keys + key).toArray();
    worst = Math.max(worst, error(output, inputs.query.length, at, keyGradients));
    int values = inputs.query.length + inputs.key.length;
    return Math.max(worst, error(output, values, at, valueGradients));
  }

  @Override
  public String problem(double error) {
    return error <= TOLERANCE
        ? ""
        : String.format(
            Locale.ROOT, "is wrong: the largest error is %.2g of the largest gradient", error);
  }

  private static double error(float[] output, int from, int[] rows, double[][] expected) {
    double most =
        Arrays.stream(expected).flatMapToDouble(Arrays::stream).map(Math::abs).max().orElse(0);
    double worst = 0;
    for (int i = 0; i < rows.length; i++) {
      for (int d = 0; d < expected[i].length; d++) {
        double actual = output[from + rows[i] * expected[i].length + d];
        worst = Math.max(worst, Math.abs(actual - expected[i][d]));
      }
    }
    return most == 0 ? worst : worst / most;
  }

  /**
   * Of one query.
   *
   * @param logSumExp of its scores, or minus infinity
   * @param share the product of its output and the gradient of that
   * @param gradient of the query, {@code [D]}
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Query(double logSumExp, double share, double[] gradient) {}

  private int keyHead(int row) {
    int head = row / workload.queries();
    int batch = head / workload.queryHeads();
    return batch * workload.keyHeads()
        + head % workload.queryHeads() / (workload.queryHeads() / workload.keyHeads());
  }

  /** A row of {@code [B, Hq, Lq]}. */
  private Query query(int row) {
    int size = workload.headSize();
    int firstKey = keyHead(row) * workload.keys();
    double[] scores = new double[workload.keys()];
    double max = Double.NEGATIVE_INFINITY;
    for (int key = 0; key < scores.length; key++) {
      if (allowed(row, key)) {
        scores[key] = scale * dot(inputs.query, row, inputs.key, firstKey + key, size);
        max = Math.max(max, scores[key]);
      }
    }
    double total = 0;
    double share = 0;
    double[] products = new double[scores.length];
    for (int key = 0; key < scores.length; key++) {
      if (allowed(row, key)) {
        scores[key] = Math.exp(scores[key] - max);
        products[key] = dot(outputGradient, row, inputs.value, firstKey + key, size);
        total += scores[key];
        share += scores[key] * products[key];
      }
    }
    share = total == 0 ? 0 : share / total;
    double[] gradient = new double[size];
    for (int key = 0; key < scores.length; key++) {
      if (allowed(row, key)) {
        double slope = scale * scores[key] / total * (products[key] - share);
        add(slope, inputs.key, firstKey + key, gradient);
      }
    }
    return new Query(max + Math.log(total), share, gradient);
  }

  private boolean allowed(int row, int key) {
    return cells[row % workload.queries() * workload.keys() + key];
  }

  /** Adds what all queries of a key head give some of its keys and values. */
  private void addKeys(
      int keyHead, int[] keys, double[][] keyGradients, double[][] valueGradients) {
    int size = workload.headSize();
    int rows = inputs.query.length / size;
    for (int row = 0; row < rows; row++) {
      if (keyHead(row) != keyHead) {
        continue;
      }
      Query query = query(row);
      for (int i = 0; i < keys.length; i++) {
        int key = keyHead * workload.keys() + keys[i];
        if (allowed(row, keys[i])) {
          double score = scale * dot(inputs.query, row, inputs.key, key, size);
          double p = Math.exp(score - query.logSumExp);
          double product = dot(outputGradient, row, inputs.value, key, size);
          add(scale * p * (product - query.share), inputs.query, row, keyGradients[i]);
          add(p, outputGradient, row, valueGradients[i]);
        }
      }
    }
  }

  private static void add(double factor, float[] rows, int row, double[] sums) {
    for (int d = 0; d < sums.length; d++) {
      sums[d] += factor * rows[row * sums.length + d];
    }
  }

  /** Two sums, since one addition would wait for the other. */
  private static double dot(float[] x, int xRow, float[] y, int yRow, int size) {
    double a = 0;
    double b = 0;
    int d = 0;
    for (; d + 1 < size; d += 2) {
      a += (double) x[xRow * size + d] * y[yRow * size + d];
      b += (double) x[xRow * size + d + 1] * y[yRow * size + d + 1];
    }
    return d < size ? a + b + (double) x[xRow * size + d] * y[yRow * size + d] : a + b;
  }
}
