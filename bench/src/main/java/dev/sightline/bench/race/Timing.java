package dev.sightline.bench.race;

import java.util.Arrays;

/**
 * How long something took, in nanoseconds. One sample is the median of one round, so that a stray
 * interruption of a single run is in none of the three.
 *
 * @param rounds how many samples there are
 */
record Timing(double median, double min, double max, int rounds) {

  static Timing of(double[] samples) {
    if (samples.length == 0) {
      throw new IllegalArgumentException("a timing needs at least one sample, but there is none");
    }
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    return new Timing(median(sorted), sorted[0], sorted[sorted.length - 1], sorted.length);
  }

  static double median(double[] samples) {
    double[] sorted = samples.clone();
    Arrays.sort(sorted);
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }

  double millis() {
    return median / 1e6;
  }

  /** Half the distance between the fastest and the slowest round, as a fraction of the median. */
  double spread() {
    return (max - min) / 2 / median;
  }
}
