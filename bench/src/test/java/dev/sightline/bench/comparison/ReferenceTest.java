package dev.sightline.bench.comparison;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.bench.comparison.Workload.Form;
import dev.sightline.mask.Mask;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The reference and the peer that is there on every platform hold each other. */
class ReferenceTest {
  static Workload workload(WorkloadKind kind, Form form, Mask mask) {
    List<Integer> lengths = form == Form.KEYS ? List.of(13, 20) : List.of();
    return new Workload(kind, "small", 2, 3, 3, 20, 20, 16, form, mask, 0, lengths, true);
  }

  private static Workload workload(Form form) {
    return workload(
        WorkloadKind.DENSE,
        form,
        switch (form) {
          case NONE, KEYS -> Mask.full();
          case CAUSAL_FLAG -> Mask.causal();
          case CELLS -> Mask.documents(7, 13).and(Mask.window(4, 1));
        });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void onnxRuntime_agrees(Form form) throws IOException {
    Workload workload = workload(form);
    Inputs inputs = Inputs.of(workload);
    for (Entrant entrant : Entrant.values()) {
      if (!entrant.isOnnxRuntime() || !entrant.enters(workload)) {
        continue;
      }
      try (TimedTask one = entrant.open(workload, inputs, 1)) {
        one.run();
        assertThat(new Reference(workload, inputs).error(one.output()))
            .as(entrant.title())
            .isLessThan(Reference.TOLERANCE / 10);
        if (form != Form.NONE) {
          assertThat(new Reference(workload.dense(), inputs).error(one.output()))
              .as(entrant.title() + " compared with another mask")
              .isGreaterThan(0.1);
        }
      }
    }
  }

  @Test
  void groupQueryAttention_agreesUnderAWindow() throws IOException {
    Workload window =
        new Workload(
            WorkloadKind.MASKED,
            "w",
            2,
            4,
            2,
            20,
            20,
            16,
            Form.CELLS,
            Mask.window(4, 0).and(Mask.causal()),
            5,
            List.of(),
            false);
    Inputs inputs = Inputs.of(window);

    try (TimedTask task = Entrant.ORT_GROUP_QUERY.open(window, inputs, 1)) {
      task.run();

      assertThat(new Reference(window, inputs).error(task.output()))
          .isLessThan(Reference.TOLERANCE / 10);
    }
  }

  @Test
  void sightline_packsTextsOfVariousLengths() throws IOException {
    Workload ragged = workload(Form.KEYS);
    Inputs inputs = Inputs.of(ragged);

    try (TimedTask task = Entrant.SIGHTLINE.open(ragged, inputs, 1)) {
      task.run();

      assertThat(new Reference(ragged, inputs).error(task.output()))
          .isLessThan(Reference.TOLERANCE / 10);
    }
  }

  /** Two heads share each key head, and the first and the last query attend to nothing. */
  @Test
  void gradients_agreeWithTheChainRule() throws IOException {
    boolean[][] cells = new boolean[20][20];
    for (int query = 1; query < 19; query++) {
      for (int key = 0; key < 20; key++) {
        cells[query][key] = (query + 2 * key) % 5 != 0;
      }
    }
    Workload grouped =
        new Workload(
            WorkloadKind.BACKWARD,
            "w",
            2,
            4,
            2,
            20,
            20,
            16,
            Form.CELLS,
            Mask.dense(cells),
            0,
            List.of(),
            false);
    Inputs inputs = Inputs.of(grouped);
    GradientReference expected = new GradientReference(grouped, inputs);

    try (TimedTask task = Entrant.SIGHTLINE.open(grouped, inputs, 1)) {
      task.run();
      float[] gradients = task.output();

      assertThat(expected.error(gradients)).isBetween(1e-9, GradientReference.TOLERANCE);
      assertThat(new GradientReference(grouped.dense(), inputs).error(gradients))
          .as("compared with another mask")
          .isGreaterThan(0.1);
      int lastOfKeys = inputs.query.length + inputs.key.length - 1;
      gradients[lastOfKeys] += 1e-3f;
      assertThat(expected.problem(expected.error(gradients))).startsWith("is wrong: ");
      gradients[3] = Float.NaN;
      assertThat(expected.error(gradients)).isInfinite();
    }
  }

  @Test
  void row_whereAllKeysAttendAlike_isTheMeanOfTheValues() {
    Workload workload =
        new Workload(
            WorkloadKind.DENSE, "w", 1, 2, 1, 1, 3, 2, Form.NONE, Mask.full(), 0, List.of(), false);
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
