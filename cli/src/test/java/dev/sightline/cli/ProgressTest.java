package dev.sightline.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProgressTest {
  @Test
  void line_isInTheUnitThatItNames() {
    try (Progress fetching = Progress.bytes("fetching");
        Progress auditing = Progress.texts("auditing")) {
      assertThat(fetching.line(12_345_678, 90_000_000)).isEqualTo("progress 12 of 90 MB");
      assertThat(fetching.line(12_345_678, -1)).isEqualTo("progress 12 of 0 MB");
      assertThat(auditing.line(3, 6)).isEqualTo("progress 3 of 6 texts");
    }
  }

  @Test
  void line_withoutABar_saysWhatTheRestTakes() {
    try (Progress training = Progress.steps("training")) {
      training.of(1000, 2000, "loss 0.5");
      assertThat(training.line(1100, 2000, "loss 0.1", 10_000_000_000L))
          .isEqualTo("training: 1,100 of 2,000 steps, loss 0.1; about 2 min left");
      assertThat(training.line(2000, 2000, "loss 0.1", 10_000_000_000L))
          .isEqualTo("training: 2,000 of 2,000 steps, loss 0.1");
    }
  }
}
