package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.bench.comparison.Workload.Form;
import dev.sightline.mask.Mask;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference and the peer that is there on every platform hold each other. */
class ReferenceTest {
  static Workload workload(WorkloadKind kind, Form form, Mask mask) {
    return new Workload(kind, "small", 2, 3, 3, 20, 20, 16, form, mask, true);
  }

  private static Workload workload(Form form) {
    return workload(
        WorkloadKind.DENSE,
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
    Workload workload = workload(form);
    Inputs inputs = Inputs.of(workload);
    try (OnnxRuntimeBackend backend = new OnnxRuntimeBackend()) {
      List<TimedTask> tasks = backend.tasks(workload, inputs, 1);

      assertThat(tasks).hasSize(form == Form.CELLS ? 1 : 2);
      for (TimedTask one : tasks) {
        one.run();
        assertThat(new Reference(workload, inputs).error(one.output()))
            .as(one.name())
            .isLessThan(Reference.TOLERANCE / 10);
        if (form != Form.NONE) {
          assertThat(new Reference(workload.dense(), inputs).error(one.output()))
              .as(one.name() + " compared with another mask")
              .isGreaterThan(0.1);
        }
        one.close();
      }
    }
  }

  @Test
  void row_whereAllKeysAttendAlike_isTheMeanOfTheValues() {
    Workload workload =
        new Workload(WorkloadKind.DENSE, "w", 1, 2, 1, 1, 3, 2, Form.NONE, Mask.full(), false);
    Inputs inputs = Inputs.of(workload);
    Arrays.fill(inputs.key, 0);

    double mean = ((double) inputs.value[1] + inputs.value[3] + inputs.value[5]) / 3;

    assertThat(new Reference(workload, inputs).row(1)[1]).isEqualTo(mean, within(1e-12));
  }

  @Test
  void error_ofAnOutputThatIsNotFinite_isInfinite() {
    Workload workload = workload(Form.NONE);
    Inputs inputs = Inputs.of(workload);
    float[] output = new float[inputs.query.length];
    output[1] = Float.NaN;

    assertThat(new Reference(workload, inputs).error(output)).isInfinite();
    assertThat(new Reference(workload, inputs).error(new float[3])).isInfinite();
  }
}
