package dev.sightline.data.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models of one sum: every token's output is its own vector plus those of all that count. */
class MaskPolarityFinderTest {
  private static final long PAD = 0;

  @ParameterizedTest
  @CsvSource({
    "src_key_padding_mask, BOOL, true",
    "padding_mask, INT64, true",
    "pad_mask, FLOAT32, true",
    "attention_mask, BOOL, true",
    "padding_mask, BOOL, false",
    "mask, INT64, false",
    "mask, INT64, true",
    "src_mask, INT32, true",
    "attention_mask, BOOL, false"
  })
  void polarity_isWhatTheModelShows(String mask, ElementType type, boolean paddingIsOne)
      throws ModelException {
    Model model = model(mask, type, paddingIsOne, true);

    Model resolved = MaskPolarityFinder.resolve(model, PAD, Optional.empty());

    assertThat(model.roles().streams().getFirst().paddingIsOne()).isFalse();
    assertThat(resolved.roles().streams().getFirst().paddingIsOne()).isEqualTo(paddingIsOne);
    assertThat(resolved.vocabulary(resolved.roles().streams().getFirst())).hasValue(10);
  }

  /** By its name it is 1 at real tokens: a model that reads it the other way round is at fault. */
  @ParameterizedTest
  @ValueSource(strings = {"attention_mask", "input_mask", "context_mask", "encoder_attention_mask"})
  void maskOfNumbers_followsTheConventionOfItsName(String name) throws ModelException {
    Model inverted = model(name, ElementType.INT64, true, true);

    Model resolved = MaskPolarityFinder.resolve(inverted, PAD, Optional.empty());

    assertThat(resolved.roles().streams().getFirst().paddingIsOne()).isFalse();
  }

  @Test
  void maskThatIsNotRead_staysAsItIs() throws ModelException {
    Model deaf = model("padding_mask", ElementType.BOOL, true, false);

    Model resolved = MaskPolarityFinder.resolve(deaf, PAD, Optional.empty());

    assertThat(resolved.roles().streams().getFirst().paddingIsOne()).isFalse();
  }

  private static Model model(String name, ElementType type, boolean paddingIsOne, boolean reads)
      throws ModelException {
    GraphBuilder graph = new GraphBuilder("sum");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    String mask = graph.input(name, type, "batch", "sequence");
    float[] table = new float[10 * 4];
    for (int i = 0; i < table.length; i++) {
      table[i] = (float) Math.sin(i + 1);
    }
    String rows =
        graph.node("Gather", graph.floats("table", ElementType.FLOAT32, table, 10, 4), ids);
    String given = graph.op("Cast", mask).with("to", 1).out();
    String one = graph.floats("one", ElementType.FLOAT32, new float[] {1});
    String counts = paddingIsOne ? graph.node("Sub", one, given) : given;
    if (!reads) {
      counts = graph.node("Add", graph.node("Sub", given, given), one);
    }
    String weights = graph.node("Unsqueeze", counts, graph.longs(2));
    String sum =
        graph
            .op("ReduceSum", graph.node("Mul", rows, weights), graph.longs(1))
            .with("keepdims", 1)
            .out();
    graph.output("y", graph.node("Add", rows, sum), ElementType.FLOAT32, "batch", "sequence", "4");
    return Model.parse(graph.model(17, "test"), "sum");
  }
}
