package dev.sightline.report.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.MaskTrial;
import dev.sightline.audit.result.MaskTrial.Estimate;
import dev.sightline.audit.result.MaskTrial.Memory;
import dev.sightline.audit.result.MaskTrial.Thumb;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TrialTextTest {
  private static final Estimate FOUR = new Estimate(4, 3, 5, 20);
  private static final Estimate EIGHT = new Estimate(8, 7, 9, 20);

  /** A model of a fixed number of rows, whose outputs are single values. */
  @Test
  void whatIsUnknown_isLeftOut() {
    MaskTrial trial =
        new MaskTrial(
            List.of(),
            FOUR,
            null,
            FOUR,
            EIGHT,
            null,
            new Memory(OptionalLong.empty(), OptionalLong.empty()),
            new Thumb(OptionalDouble.empty(), OptionalDouble.of(0.5)),
            false);

    assertThat(TrialText.inShort(trial))
        .isEqualTo(
            "without the mask outputs change by 4.00; a batch takes 4.00 ms with it, 8.00 ms"
                + " without");
    assertThat(TrialText.of(trial).toString())
        .doesNotContain("cosine", "one by one", "memory", "NaN", "null")
        .contains("by the rule of thumb: no data");
  }
}
