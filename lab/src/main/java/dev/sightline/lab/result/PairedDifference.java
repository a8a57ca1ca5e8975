package dev.sightline.lab.result;

import dev.sightline.lab.result.Comparison.Conclusion;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * How one arm's results differ from another's, paired by seed and task, with a bootstrap interval
 * of two levels: seeds are drawn with replacement, and tasks within each (Davison and Hinkley,
 * 1997, section 3.8).
 *
 * @param mean of the differences
 * @param low the interval's lower end, at 95 %
 * @param high the interval's upper end
 */
record PairedDifference(double mean, double low, double high) {
  private static final int DRAWS = 4000;
  private static final double TAIL = 0.025;

  /**
   * {@return the difference {@code arm - other}}
   *
   * @param arm a number for each seed and task, {@code [seeds][tasks]}
   * @param other the same of the other arm
   * @param seed of the bootstrap
   */
  static PairedDifference of(double[][] arm, double[][] other, long seed) {
    if (arm.length == 0 || arm.length != other.length) {
      throw new IllegalArgumentException(
          "differences are of as many seeds on both sides, at least one, but there are "
              + arm.length
              + " and "
              + other.length);
    }
    double[][] differences = new double[arm.length][];
    double sum = 0;
    for (int s = 0; s < arm.length; s++) {
      if (arm[s].length == 0 || arm[s].length != other[s].length) {
        throw new IllegalArgumentException(
            "differences are of as many tasks on both sides, at least one, but there are "
                + arm[s].length
                + " and "
                + other[s].length);
      }
      differences[s] = new double[arm[s].length];
      for (int t = 0; t < arm[s].length; t++) {
        differences[s][t] = arm[s][t] - other[s][t];
      }
      sum += Arrays.stream(differences[s]).average().orElseThrow();
    }
    double[] means = means(differences, new SplittableRandom(seed));
    int tail = (int) (TAIL * DRAWS);
    return new PairedDifference(sum / arm.length, means[tail], means[DRAWS - 1 - tail]);
  }

  private static double[] means(double[][] differences, SplittableRandom random) {
    double[] means = new double[DRAWS];
    for (int draw = 0; draw < DRAWS; draw++) {
      double sum = 0;
      for (int s = 0; s < differences.length; s++) {
        double[] tasks = differences[random.nextInt(differences.length)];
        double ofSeed = 0;
        for (int t = 0; t < tasks.length; t++) {
          ofSeed += tasks[random.nextInt(tasks.length)];
        }
        sum += ofSeed / tasks.length;
      }
      means[draw] = sum / differences.length;
    }
    Arrays.sort(means);
    return means;
  }

  /**
   * {@return what the interval says, by rules that are fixed before a run}
   *
   * @param margin the largest difference that does not matter
   * @param moreIsBetter whether a larger number is a better one
   */
  Conclusion conclusion(double margin, boolean moreIsBetter) {
    if (low > -margin && high < margin) {
      return Conclusion.NO_DIFFERENCE;
    }
    if (low > 0) {
      return moreIsBetter ? Conclusion.HELPS : Conclusion.HARMS;
    }
    if (high < 0) {
      return moreIsBetter ? Conclusion.HARMS : Conclusion.HELPS;
    }
    return Conclusion.UNDECIDED;
  }
}
