package dev.sightline.bench.race;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.bench.race.Work.Form;
import dev.sightline.mask.Mask;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference and the peer that is there on every platform hold each other. */
class ReferenceTest {
  static Work work(Group group, Form form, Mask mask) {
    return new Work(group, "small", 2, 3, 3, 20, 20, 16, form, mask, true);
  }

  private static Work work(Form form) {
    return work(
        Group.DENSE,
        form,
        switch (form) {
          case NONE -> Mask.full();
          case CAUSAL_FLAG -> Mask.causal();
          case CELLS -> Mask.documents(7, 13).and(Mask.window(4, 1));
        });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void onnxRuntime_agrees(Form form) {
    Work work = work(form);
    Inputs inputs = Inputs.of(work);
    try (OnnxRuntimeSide side = new OnnxRuntimeSide()) {
      List<Contestant> contestants = side.enter(work, inputs, 1);

      assertThat(contestants).hasSize(form == Form.CELLS ? 1 : 2);
      for (Contestant one : contestants) {
        one.run();
        assertThat(new Reference(work, inputs).error(one.output()))
            .as(one.name())
            .isLessThan(Reference.TOLERANCE / 10);
        if (form != Form.NONE) {
          assertThat(new Reference(work.dense(), inputs).error(one.output()))
              .as(one.name() + " held against another mask")
              .isGreaterThan(0.1);
        }
        one.close();
      }
    }
  }

  @Test
  void row_whereAllKeysAttendAlike_isTheMeanOfTheValues() {
    Work work = new Work(Group.DENSE, "w", 1, 2, 1, 1, 3, 2, Form.NONE, Mask.full(), false);
    Inputs inputs = Inputs.of(work);
    Arrays.fill(inputs.key, 0);

    double mean = ((double) inputs.value[1] + inputs.value[3] + inputs.value[5]) / 3;

    assertThat(new Reference(work, inputs).row(1)[1]).isEqualTo(mean, within(1e-12));
  }

  @Test
  void error_ofAnOutputThatIsNotFinite_isInfinite() {
    Work work = work(Form.NONE);
    Inputs inputs = Inputs.of(work);
    float[] output = new float[inputs.query.length];
    output[1] = Float.NaN;

    assertThat(new Reference(work, inputs).error(output)).isInfinite();
    assertThat(new Reference(work, inputs).error(new float[3])).isInfinite();
  }
}
