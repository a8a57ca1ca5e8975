package dev.sightline.lab.result;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.lab.result.Comparison.Conclusion;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PairedDifferenceTest {
  private static final int SEEDS = 5;
  private static final int TASKS = 200;

  /** Results around a mean, with an effect of each seed that both arms share. */
  private static double[][] results(double mean, double spread, long seed) {
    SplittableRandom shared = new SplittableRandom(1);
    SplittableRandom own = new SplittableRandom(seed);
    double[][] results = new double[SEEDS][TASKS];
    for (double[] ofSeed : results) {
      double effect = shared.nextGaussian();
      for (int t = 0; t < TASKS; t++) {
        ofSeed[t] = mean + effect + spread * own.nextGaussian();
      }
    }
    return results;
  }

  private static PairedDifference difference(double arm, double other, double spread) {
    return PairedDifference.of(results(arm, spread, 2), results(other, spread, 3), 4);
  }

  @Test
  void pairingTakesAwayWhatSeedsShare() {
    PairedDifference difference = difference(0.3, 0, 0.5);
    assertThat(difference.mean()).isCloseTo(0.3, within(0.06));
    assertThat(difference.low()).isBetween(0.1, difference.mean());
    assertThat(difference.high()).isBetween(difference.mean(), 0.5);
  }

  @Test
  void concludesByTheInterval() {
    assertThat(difference(0.3, 0, 0.5).conclusion(0.05, true)).isEqualTo(Conclusion.HELPS);
    assertThat(difference(0.3, 0, 0.5).conclusion(0.05, false)).isEqualTo(Conclusion.HARMS);
    assertThat(difference(0, 0.3, 0.5).conclusion(0.05, true)).isEqualTo(Conclusion.HARMS);
    assertThat(difference(0, 0, 0.1).conclusion(0.05, true)).isEqualTo(Conclusion.NO_DIFFERENCE);
    assertThat(difference(0, 0, 4).conclusion(0.05, true)).isEqualTo(Conclusion.UNDECIDED);
  }

  /** A difference may be there and still not matter. */
  @Test
  void aSmallDifferenceWithinTheMarginIsEquivalent() {
    PairedDifference small = difference(0.02, 0, 0.02);
    assertThat(small.low()).isPositive();
    assertThat(small.conclusion(0.05, true)).isEqualTo(Conclusion.NO_DIFFERENCE);
  }

  @Test
  void refusesResultsThatAreNotPaired() {
    assertThatThrownBy(() -> PairedDifference.of(new double[1][3], new double[2][3], 1))
        .hasMessageContaining("1 and 2");
    assertThatThrownBy(() -> PairedDifference.of(new double[1][3], new double[1][4], 1))
        .hasMessageContaining("3 and 4");
    assertThatThrownBy(() -> PairedDifference.of(new double[0][], new double[0][], 1))
        .hasMessageContaining("at least one");
  }
}
