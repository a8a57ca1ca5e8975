package dev.sightline.heads;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * The weighted sums of a cell in each bootstrap replicate; their quotient is the replicate's mean.
 * Owned by one thread.
 */
final class Replicates {
  private static final int B = Bootstrap.REPLICATES;

  /** Fewer than this many replicates that drew any sample at all tell no interval. */
  private static final int ENOUGH = B / 2;

  private final double[] weights = new double[B];
  private final double[] sums = new double[B];

  void add(double value, double weight, double[] draws) {
    for (int b = 0; b < B; b++) {
      double w = draws[b] * weight;
      weights[b] += w;
      sums[b] += w * value;
    }
  }

  void merge(Replicates other) {
    for (int b = 0; b < B; b++) {
      weights[b] += other.weights[b];
      sums[b] += other.sums[b];
    }
  }

  /** The mean of each replicate; NaN in one that drew no sample. */
  double[] means() {
    double[] means = new double[B];
    for (int b = 0; b < B; b++) {
      means[b] = weights[b] == 0 ? Double.NaN : sums[b] / weights[b];
    }
    return means;
  }

  /** The middle 95 % of some replicates, NaN left out; none if too few are left. */
  static Optional<Interval> interval(double[] replicates) {
    double[] sorted = finite(replicates);
    Arrays.sort(sorted);
    return sorted.length < ENOUGH
        ? Optional.empty()
        : Optional.of(new Interval(at(sorted, 0.025), at(sorted, 0.975)));
  }

  /** The deviation of some replicates, NaN left out; NaN if too few are left. */
  static double standardError(double[] replicates) {
    double[] values = finite(replicates);
    if (values.length < ENOUGH) {
      return Double.NaN;
    }
    Moments moments = new Moments();
    for (double value : values) {
      moments.add(value, 1);
    }
    return moments.deviation().orElse(Double.NaN);
  }

  private static double[] finite(double[] values) {
    return Arrays.stream(values).filter(Double::isFinite).toArray();
  }

  /** Linear between order statistics. */
  private static double at(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  byte[] toBytes() {
    ByteBuffer bytes = ByteBuffer.allocate(2 * Double.BYTES * B);
    bytes.asDoubleBuffer().put(weights).put(sums);
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if nothing wrote it
   */
  static Replicates ofBytes(byte[] bytes) {
    if (bytes.length != 2 * Double.BYTES * B) {
      throw new IllegalArgumentException(B + " replicates do not take " + bytes.length + " bytes");
    }
    Replicates replicates = new Replicates();
    ByteBuffer.wrap(bytes).asDoubleBuffer().get(replicates.weights).get(replicates.sums);
    for (int b = 0; b < B; b++) {
      if (!(replicates.weights[b] >= 0)
          || !Double.isFinite(replicates.weights[b] + Math.abs(replicates.sums[b]))) {
        throw new IllegalArgumentException(
            "no samples have the replicate " + replicates.sums[b] + " / " + replicates.weights[b]);
      }
    }
    return replicates;
  }
}
