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
}
