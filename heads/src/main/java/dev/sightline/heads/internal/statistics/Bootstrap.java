package dev.sightline.heads.internal.statistics;

import dev.sightline.tensor.internal.Hash;

/**
 * How often each sample is drawn in each replicate of a Poisson bootstrap (Chamandy et al. 2012):
 * instead of drawing n of n samples with replacement, every sample is drawn Poisson(1) times,
 * independently. The number is a hash of seed, sample id and replicate. So shards need not know of
 * each other, a resumed run draws what the first one drew, and two runs over the same samples are
 * paired.
 *
 * <p>Samples and not tokens are drawn: the tokens of a text are not independent.
 */
public final class Bootstrap {
  public static final int REPLICATES = 200;

  /** P(at most k) for k = 0, 1, ...; beyond the last, 1 to within a double. */
  private static final double[] CUMULATIVE = cumulative();

  private final long seed;

  public Bootstrap(long seed) {
    this.seed = Hash.mix(seed);
  }

  /** How often the sample is drawn, for each replicate. */
  public double[] draws(long idHash) {
    double[] draws = new double[REPLICATES];
    long stream = Hash.mix(seed ^ idHash);
    for (int b = 0; b < REPLICATES; b++) {
      double uniform = (Hash.mix(stream + b) >>> 11) * 0x1.0p-53;
      int k = 0;
      while (k < CUMULATIVE.length && uniform >= CUMULATIVE[k]) {
        k++;
      }
      draws[b] = k;
    }
    return draws;
  }

  private static double[] cumulative() {
    double[] cumulative = new double[18];
    double term = Math.exp(-1);
    double sum = 0;
    for (int k = 0; k < cumulative.length; k++) {
      sum += term;
      cumulative[k] = sum;
      term /= k + 1;
    }
    return cumulative;
  }
}
