package dev.sightline.heads.internal.metric;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.internal.graph.Equation;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Which operand of a product are the values, and whether they are. */
class ValueProductTest {
  @Test
  void valuesOfAnEinsum_areBroughtToKeysAndFeatures() {
    assertThat(new Equation("bhqk", "bkhd", "bqhd").valuesOrder(true)).containsExactly(0, 2, 1, 3);
    assertThat(new Equation("bkhd", "bhqk", "bqhd").valuesOrder(false)).containsExactly(0, 2, 1, 3);
    assertThat(new Equation("bhqk", "bhkd", "bhqd").valuesOrder(true)).isEmpty();
    assertThat(new Equation("bngqk", "bknd", "bqngd").valuesOrder(true))
        .containsExactly(0, 2, 1, 3);
  }

  @Test
  void valuesThatDoNotSumToTheContext_areRefused() {
    FloatTensor probabilities =
        FloatTensor.of(Shape.of(1, 4, 1, 2), new float[] {1, 0, 0.5f, 0.5f, 0, 1, 0.25f, 0.75f});
    FloatTensor values = FloatTensor.of(Shape.of(1, 2, 2, 1), new float[] {1, 2, 3, 4});
    FloatTensor context =
        FloatTensor.of(Shape.of(1, 4, 1, 1), new float[] {1, 1.5f, 4, 3.75f}); // two heads share

    assertThat(ValueCheck.why(probabilities, values, context)).isEmpty();
    assertThat(
            ValueCheck.why(
                probabilities,
                FloatTensor.of(Shape.of(1, 2, 2, 1), new float[] {1, 2, 3, 5}),
                context))
        .isEqualTo(
            "its values are not identified: they rebuild its context only to 0.25, relative;"
                + " expected 1e-04");
    assertThat(
            ValueCheck.why(
                probabilities, FloatTensor.of(Shape.of(1, 2, 1, 2), new float[4]), context))
        .isEqualTo(
            "its values are not identified: [1, 2, 1, 2] does not go with probabilities"
                + " [1, 4, 1, 2] and a context [1, 4, 1, 1]");
  }
}
