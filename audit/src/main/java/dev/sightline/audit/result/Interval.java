package dev.sightline.audit.result;

import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/**
 * A figure with the interval that holds it in 95 of 100 repetitions, by the percentile bootstrap
 * (Efron 1979) over 1,000 resamples.
 *
 * @param value the figure itself
 * @param low the lower end
 * @param high the upper end
 * @param count how many measurements it rests on
 */
public record Interval(double value, double low, double high, int count) {
  private static final int RESAMPLES = 1_000;

  /** The mean of some values. */
  public static Interval ofMean(double[] values, long seed) {
    return of(values, seed, sample -> Arrays.stream(sample).average().orElseThrow());
  }

  /** The median of some values. */
  public static Interval ofMedian(double[] values, long seed) {
    return of(
        values,
        seed,
        sample -> {
          double[] sorted = sample.clone();
          Arrays.sort(sorted);
          int middle = sorted.length / 2;
          return sorted.length % 2 == 1
              ? sorted[middle]
              : (sorted[middle - 1] + sorted[middle]) / 2;
        });
  }

  private static Interval of(double[] values, long seed, ToDoubleFunction<double[]> figure) {
    if (values.length == 0) {
      throw new IllegalArgumentException("an interval needs at least one value");
    }
    Random random = new Random(seed);
    double[] figures = new double[RESAMPLES];
    double[] sample = new double[values.length];
    for (int i = 0; i < RESAMPLES; i++) {
      for (int j = 0; j < sample.length; j++) {
        sample[j] = values[random.nextInt(values.length)];
      }
      figures[i] = figure.applyAsDouble(sample);
    }
    Arrays.sort(figures);
    return new Interval(
        figure.applyAsDouble(values),
        figures[RESAMPLES / 40],
        figures[RESAMPLES - 1 - RESAMPLES / 40],
        values.length);
  }
}
