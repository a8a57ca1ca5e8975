package dev.sightline.audit.internal.trial;

import dev.sightline.audit.result.MaskTrial.Estimate;
import java.util.Arrays;
import java.util.Random;
import java.util.function.ToDoubleFunction;

/** The percentile bootstrap (Efron 1979) over 1,000 resamples: 95 % intervals of small samples. */
final class Bootstrap {
  private static final int RESAMPLES = 1_000;

  private Bootstrap() {}

  /** The mean of some values. */
  static Estimate mean(double[] values, long seed) {
    return of(values, seed, sample -> Arrays.stream(sample).average().orElseThrow());
  }

  /** The median of some values. */
  static Estimate median(double[] values, long seed) {
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

  private static Estimate of(double[] values, long seed, ToDoubleFunction<double[]> figure) {
    if (values.length == 0) {
      throw new IllegalArgumentException("an estimate needs at least one value");
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
    return new Estimate(
        figure.applyAsDouble(values),
        figures[RESAMPLES / 40],
        figures[RESAMPLES - 1 - RESAMPLES / 40],
        values.length);
  }
}
