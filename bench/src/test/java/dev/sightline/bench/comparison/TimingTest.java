package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

class TimingTest {
  @Test
  void median_ofAnEvenNumber_isBetweenTheMiddleTwo() {
    assertThat(Timing.median(List.of(9.0, 1.0, 4.0))).isEqualTo(4);
    assertThat(Timing.median(List.of(9.0, 1.0, 4.0, 2.0))).isEqualTo(3);
  }

  @Test
  void spread_isHalfTheRangeOverTheMedian() {
    Timing timing = new Timing(List.of(110.0, 90.0, 100.0));

    assertThat(timing.spread()).isEqualTo(0.1, within(1e-12));
    assertThat(timing.min()).isEqualTo(90);
    assertThat(timing.max()).isEqualTo(110);
  }

  @Test
  void timesAsFastAs_isBlindToAMachineThatSlowsDown() {
    Timing ours = new Timing(List.of(1.0, 10.0, 10.0));
    Timing other = new Timing(List.of(2.0, 20.0, 21.0));

    assertThat(ours.timesAsFastAs(other)).isEqualTo(2);
  }

  @Test
  void timesAsFastAs_ofAnotherRace_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Timing(List.of(1.0)).timesAsFastAs(new Timing(List.of(1.0, 2.0))))
        .withMessageContaining("1 and 2 rounds");
  }

  @Test
  void limit_used_comparesRatesWithinRounds() {
    Limit limit = new Limit(1000, new Timing(List.of(1.0, 2.0, 1.0)));

    assertThat(limit.rate()).isEqualTo(1000);
    // half of the operations in twice the time
    assertThat(limit.used(500, new Timing(List.of(2.0, 4.0, 2.0)))).isEqualTo(0.25);
  }
}
