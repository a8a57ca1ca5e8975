package dev.sightline.audit.internal.trial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.audit.result.MaskTrial.Estimate;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class BootstrapTest {
  @Test
  void mean_hasTheIntervalOfTheNormalDistribution() {
    double[] values = new Random(3).doubles(400, 0, 1).toArray();
    Estimate mean = Bootstrap.mean(values, 42);

    double width = 2 * 1.96 * Math.sqrt(1 / 12.0 / values.length);
    assertThat(mean.high() - mean.low()).isCloseTo(width, Offset.offset(0.15 * width));
    assertThat(mean.value()).isBetween(mean.low(), mean.high());
    assertThat(mean.count()).isEqualTo(400);
    assertThat(Bootstrap.mean(values, 42)).isEqualTo(mean);
  }

  @Test
  void median_isTheMiddleOne_orTheMeanOfTheTwo() {
    assertThat(Bootstrap.median(new double[] {9, 1, 2}, 1).value()).isEqualTo(2);
    assertThat(Bootstrap.median(new double[] {9, 1, 2, 4}, 1).value()).isEqualTo(3);
    assertThat(Bootstrap.median(new double[] {5}, 1)).isEqualTo(new Estimate(5, 5, 5, 1));
  }

  @Test
  void nothing_hasNoEstimate() {
    assertThatThrownBy(() -> Bootstrap.mean(new double[0], 1))
        .hasMessage("an estimate needs at least one value");
  }
}
