package dev.sightline.heads.statistics;

import dev.sightline.heads.internal.statistics.Bootstrap;
import dev.sightline.heads.internal.statistics.Moments;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The weighted sums of a cell in each bootstrap replicate; their quotient is the replicate's mean.
 * Owned by one thread.
 */
final class Replicates {
  private static final int B = Bootstrap.REPLICATES;

  /** Fewer than this many replicates that drew any sample at all tell no interval. */
  private static final int ENOUGH = B / 2;

  /** Shared with other cells as long as all saw the same samples; then not changed here. */
  private double[] weights;

  private final double[] sums;

  /** Of nothing yet, with weights of its own. */
  public Replicates() {
    this(new double[B]);
  }

  /** Creates empty replicates with weights that the caller owns. */
  public Replicates(double[] shared) {
    this(shared, new double[B]);
  }

  private Replicates(double[] weights, double[] sums) {
    this.weights = weights;
    this.sums = sums;
  }

  /** Replaces the weights by an equal array that the caller owns. */
  public void share(double[] shared) {
    weights = shared;
  }

  /** Goes on with weights of its own. */
  public void unshare() {
    weights = weights.clone();
  }

  public void add(double value, double weight, double[] draws) {
    addWeights(new double[] {weight}, new double[][] {draws});
    addSums(new double[] {weight * value}, new double[][] {draws});
  }

  /** The weights of some samples; only if it keeps its own. */
  public void addWeights(double[] ofSamples, double[][] draws) {
    accumulate(weights, ofSamples, draws);
  }

  /** The products of value and weight of some samples. */
  public void addSums(double[] ofSamples, double[][] draws) {
    accumulate(sums, ofSamples, draws);
  }

  /**
   * Adds to each replicate what its draws make of the samples, one sample after the other: the
   * order of additions, and with it the last bit, does not depend on how many come at once. Eight
   * at once, since to load and store the sums for each sample took three times as long.
   */
  public static void accumulate(double[] into, double[] ofSamples, double[][] draws) {
    int s = 0;
    for (; s + 8 <= ofSamples.length; s += 8) {
      double[] d0 = draws[s];
      double[] d1 = draws[s + 1];
      double[] d2 = draws[s + 2];
      double[] d3 = draws[s + 3];
      double[] d4 = draws[s + 4];
      double[] d5 = draws[s + 5];
      double[] d6 = draws[s + 6];
      double[] d7 = draws[s + 7];
      double v0 = ofSamples[s];
      double v1 = ofSamples[s + 1];
      double v2 = ofSamples[s + 2];
      double v3 = ofSamples[s + 3];
      double v4 = ofSamples[s + 4];
      double v5 = ofSamples[s + 5];
      double v6 = ofSamples[s + 6];
      double v7 = ofSamples[s + 7];
      for (int b = 0; b < B; b++) {
        double sum = into[b] + d0[b] * v0;
        sum = sum + d1[b] * v1;
        sum = sum + d2[b] * v2;
        sum = sum + d3[b] * v3;
        sum = sum + d4[b] * v4;
        sum = sum + d5[b] * v5;
        sum = sum + d6[b] * v6;
        into[b] = sum + d7[b] * v7;
      }
    }
    for (; s < ofSamples.length; s++) {
      double[] d = draws[s];
      double v = ofSamples[s];
      for (int b = 0; b < B; b++) {
        into[b] += d[b] * v;
      }
    }
  }

  public void merge(Replicates other) {
    weights = sum(weights, other.weights);
    for (int b = 0; b < B; b++) {
      sums[b] += other.sums[b];
    }
  }

  /** Element by element. */
  public static double[] sum(double[] x, double[] y) {
    double[] sum = x.clone();
    for (int b = 0; b < sum.length; b++) {
      sum[b] += y[b];
    }
    return sum;
  }

  /** The mean of each replicate; NaN in one that drew no sample. */
  public double[] means() {
    double[] means = new double[B];
    for (int b = 0; b < B; b++) {
      means[b] = weights[b] == 0 ? Double.NaN : sums[b] / weights[b];
    }
    return means;
  }

  /** The middle 95 % of the finite replicates; empty if they are too few. */
  public static Optional<Interval> interval(double[] replicates) {
    double[] sorted = finite(replicates);
    Arrays.sort(sorted);
    return sorted.length < ENOUGH
        ? Optional.empty()
        : Optional.of(new Interval(at(sorted, 0.025), at(sorted, 0.975)));
  }

  /** The deviation of the finite replicates; empty if they are too few. */
  public static OptionalDouble standardError(double[] replicates) {
    double[] values = finite(replicates);
    if (values.length < ENOUGH) {
      return OptionalDouble.empty();
    }
    Moments moments = new Moments();
    for (double value : values) {
      moments.add(value, 1);
    }
    return moments.deviation();
  }

  private static double[] finite(double[] values) {
    double[] finite = new double[values.length];
    int count = 0;
    for (double value : values) {
      if (Double.isFinite(value)) {
        finite[count++] = value;
      }
    }
    return Arrays.copyOf(finite, count);
  }

  /** Linear between order statistics. */
  private static double at(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }

  public double[] weights() {
    return weights;
  }

  public double[] sums() {
    return sums;
  }

  public static byte[] toBytes(double[] replicates) {
    ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * B);
    bytes.asDoubleBuffer().put(replicates);
    return bytes.array();
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IllegalArgumentException if nothing wrote it
   */
  public static double[] ofBytes(byte[] bytes) {
    if (bytes.length != Double.BYTES * B) {
      throw new IllegalArgumentException(B + " replicates do not take " + bytes.length + " bytes");
    }
    double[] replicates = new double[B];
    ByteBuffer.wrap(bytes).asDoubleBuffer().get(replicates);
    for (double each : replicates) {
      if (!Double.isFinite(each)) {
        throw new IllegalArgumentException("no samples have the replicate " + each);
      }
    }
    return replicates;
  }

  /**
   * Continues from a state.
   *
   * @throws IllegalArgumentException if no samples lead to it
   */
  public static Replicates of(double[] weights, double[] sums) {
    for (int b = 0; b < B; b++) {
      if (!(weights[b] >= 0)) {
        throw new IllegalArgumentException(
            "no samples have the replicate " + sums[b] + " / " + weights[b]);
      }
    }
    return new Replicates(weights, sums);
  }
}
