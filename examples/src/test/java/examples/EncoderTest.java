package examples;

import static dev.sightline.junit.SightlineAssertions.assertThatModel;
import static dev.sightline.junit.SightlineAssertions.atLeastCosine;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Audits three models that a service is shipped with. */
class EncoderTest {

  @Test void encoderIsPadSafe() {
    assertThatModel(Path.of("model.onnx")).withTexts("One.", "Another, longer one.").isPaddingInvariant();
    assertThatModel(Path.of("decoder.onnx")).obeys("causal & padding");
    assertThatModel(Path.of("int8.onnx")).keepsEmbeddings(atLeastCosine(0.97));
  }
}
