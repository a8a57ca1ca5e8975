package dev.sightline.data.internal.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.Padding;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.SampleFile;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.TokenizedText;
import dev.sightline.onnx.Tokens;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.onnx.inventory.TokenStream;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a file says beside ids moves with its tokens, whatever padding they get. */
class GivenInputsTest {
  private static final long PAD = 9;

  @Test
  void typesAndPositionsOfTheFile_moveWithTheirTokens() throws ModelException {
    Model model = model();
    SampleFile file =
        read(
            model,
            Map.of(
                "input_ids", longs(Shape.of(2, 4), 5, 6, 7, 0, 1, 2, 0, 0),
                "attention_mask", longs(Shape.of(2, 4), 1, 1, 1, 0, 1, 1, 0, 0),
                "token_type_ids", longs(Shape.of(2, 4), 0, 1, 1, 8, 1, 0, 8, 8),
                "position_ids", longs(Shape.of(2, 4), 4, 5, 3, 8, 7, 2, 8, 8)));

    Batch batch = Batch.of(model.roles(), file.samples(), PAD).withPadding(0, Padding.LEFT, 5);

    assertThat(longs(batch, "input_ids")).containsExactly(9, 9, 5, 6, 7, 9, 9, 9, 1, 2);
    assertThat(longs(batch, "token_type_ids")).containsExactly(0, 0, 0, 1, 1, 0, 0, 0, 1, 0);
    assertThat(longs(batch, "position_ids")).containsExactly(0, 0, 4, 5, 3, 0, 0, 0, 7, 2);
  }

  /** A second mask over the same tokens is as wide as they are: 10 met 14 before. */
  @Test
  void secondMaskOverTheTokens_isWidenedWithThem() throws ModelException {
    Model model = model();
    SampleFile file =
        read(
            model,
            Map.of(
                "input_ids", longs(Shape.of(2, 3), 5, 6, 7, 1, 2, 0),
                "attention_mask", longs(Shape.of(2, 3), 1, 1, 1, 1, 1, 0),
                "image_mask", longs(Shape.of(2, 3), 1, 0, 1, 0, 1, 0)));

    Batch batch = Batch.of(model.roles(), file.samples(), PAD).withPadding(0, Padding.RIGHT, 5);

    assertThat(longs(batch, "image_mask")).containsExactly(1, 0, 1, 0, 0, 0, 1, 0, 0, 0);
  }

  @Test
  void rowsAreFoundByTheirName_andNumbersHaveNone() throws ModelException {
    Model model = model();
    SampleFile file =
        read(
            model,
            Map.of(
                "input_ids", longs(Shape.of(2, 2), 5, 6, 7, 1),
                "scale", longs(Shape.of(), 3),
                "states", floats(2, 2, 1, 3)));

    Batch batch = Batch.of(model.roles(), file.samples(), PAD);

    assertThat(value(batch, "scale").shape()).isEqualTo(Shape.of());
    assertThat(longs(batch, "scale")).containsExactly(3);
    assertThat(value(batch, "states").toFloats().data())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(value(batch.first(1), "states").toFloats().data()).containsExactly(0, 1, 2, 6, 7, 8);
  }

  @Test
  void madeUpInputs_haveTheRowsOfTheBatchWhereTheyAreNamed() throws ModelException {
    Model model = model();
    Batch batch = Batch.of(model.roles(), new RandomTokens(model, PAD, 3).samples(3), PAD);

    assertThat(value(batch, "scale").shape()).isEqualTo(Shape.of());
    assertThat(value(batch, "states").shape()).isEqualTo(Shape.of(2, 3, 1, 3));
    assertThat(value(batch, "kinds_position").shape()).isEqualTo(Shape.of(3, 3, 14));
  }

  /** Of M-RoPE: a text's three kinds of positions are alike, and padding does not count. */
  @Test
  void positionsOfThreeKinds_countTheRealTokens() throws ModelException {
    Model model = model();
    SampleFile file =
        read(
            model,
            Map.of(
                "input_ids", longs(Shape.of(2, 3), 5, 6, 7, 1, 2, 0),
                "attention_mask", longs(Shape.of(2, 3), 1, 1, 1, 1, 1, 0)));

    Batch batch = Batch.of(model.roles(), file.samples(), PAD).withPadding(0, Padding.LEFT, 4);

    assertThat(longs(batch, "kinds_position"))
        .containsExactly(0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 1, 2, 0, 0, 0, 1, 0, 0, 1, 2, 0, 0, 0, 1);
  }

  @Test
  void numbersOfAnotherType_areConvertedWhereNothingIsLost() throws ModelException {
    Model model = model();
    RawTensor wholeFloats = floats(1, 3);
    SampleFile file = read(model, Map.of("input_ids", wholeFloats));
    assertThat(longs(Batch.of(model.roles(), file.samples(), PAD), "input_ids"))
        .containsExactly(0, 1, 2);

    RawTensor halves =
        RawTensor.ofFloats(
            FloatTensor.of(Shape.of(1, 2), new float[] {1, 1.5f}), ElementType.FLOAT32);
    assertThatThrownBy(() -> read(model, Map.of("input_ids", halves)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'input_ids' takes whole numbers")
        .hasMessageContaining("1.5");
  }

  /** Sizes whose product an int would fold into a small or negative one. */
  @Test
  void batchesOfMoreNumbersThanAnArray_areRefused() throws ModelException {
    for (String[] dims :
        new String[][] {
          {"batch", "seq", "65536", "65536"},
          {"batch", "65536", "seq", "65536"}
        }) {
      Model model = floats(dims);
      assertThatThrownBy(
              () -> Batch.of(model.roles(), new RandomTokens(model, PAD, 3).samples(2), PAD))
          .as(String.join(",", dims))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("than an array holds");
    }
  }

  /** Two rows of 2^30 ids each are more than an array has; nothing is allocated before. */
  @Test
  void rowsOfMorePositionsThanAnArray_areRefused() throws ModelException {
    TokenStream stream = model().roles().streams().getFirst();
    Tokens[] rows = {TokenizedText.ofIds(5), TokenizedText.ofIds(6)};
    assertThatThrownBy(() -> StreamLayout.of(stream, rows, new int[][] {{0}, {0}}, 1 << 30, PAD))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a batch of 2 rows is more than an array holds");
  }

  private static Model floats(String... dims) throws ModelException {
    GraphBuilder graph = new GraphBuilder("floats");
    String x = graph.input("inputs_embeds", ElementType.FLOAT32, dims);
    graph.output("y", graph.node("Identity", x), ElementType.FLOAT32, dims);
    return Model.parse(graph.model(17, "test"), "floats");
  }

  private static SampleFile read(Model model, Map<String, RawTensor> tensors)
      throws ModelException {
    return SampleFile.of(model, new LinkedHashMap<>(tensors), new RandomTokens(model, PAD, 3));
  }

  private static RawTensor value(Batch batch, String input) {
    return java.util.Objects.requireNonNull(batch.feed().get(input));
  }

  private static long[] longs(Batch batch, String input) {
    return value(batch, input).toLongs();
  }

  private static RawTensor longs(Shape shape, long... values) {
    return RawTensor.of(ElementType.INT64, shape, TensorBytes.of(values));
  }

  private static RawTensor floats(int... dims) {
    float[] values = new float[Shape.of(dims).size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return RawTensor.ofFloats(FloatTensor.of(Shape.of(dims), values), ElementType.FLOAT32);
  }

  private static Model model() throws ModelException {
    GraphBuilder graph = new GraphBuilder("inputs");
    String ids = graph.input("input_ids", ElementType.INT64, "batch", "seq");
    graph.input("attention_mask", ElementType.INT64, "batch", "seq");
    graph.input("image_mask", ElementType.INT64, "batch", "seq");
    graph.input("token_type_ids", ElementType.INT64, "batch", "seq");
    graph.input("position_ids", ElementType.INT64, "batch", "seq");
    graph.input("kinds_position", ElementType.INT64, "3", "batch", "seq");
    graph.input("states", ElementType.FLOAT32, "2", "batch", "1", "3");
    graph.input("scale", ElementType.INT64);
    String table = graph.floats("table", ElementType.FLOAT32, new float[40], 10, 4);
    graph.output("y", graph.node("Gather", table, ids), ElementType.FLOAT32, "batch", "seq", "4");
    return Model.parse(graph.model(17, "test"), "inputs");
  }
}
