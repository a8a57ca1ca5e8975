package dev.sightline.data.internal.row;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.data.internal.batch.GivenInputs;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows whose fields are named as a model's inputs and hold arrays of numbers. */
class InputRowsTest {
  private static final String GOOD =
      """
      {"id": "r1", "weight": 2, "label": {"a": [1]}, "states": [[1, 2.5], [3, -4e-1], [5, 6]],
       "attention_mask": [1, 1, 0], "wide": [0.1, 1e300], "half": 65504, "byte": [-128, 127],
       "far": [9007199254740993], "flag": true}
      """
          .replace("\n", " ");

  @TempDir private Path folder;

  private static Model model() throws ModelException {
    GraphBuilder graph = new GraphBuilder("given");
    graph.input("states", ElementType.FLOAT32, "batch", "tokens", "2");
    graph.input("attention_mask", ElementType.INT64, "batch", "tokens");
    graph.input("wide", ElementType.FLOAT64, "batch", "2");
    graph.input("half", ElementType.FLOAT16, "batch");
    graph.input("byte", ElementType.INT8, "batch", "2");
    graph.input("far", ElementType.INT64, "batch", "n");
    graph.input("flag", ElementType.BOOL, "batch");
    graph.output("out", "states", ElementType.FLOAT32, "batch", "tokens", "2");
    return Model.parse(graph.model(17, "test"), "given");
  }

  private List<Row> rows(String... lines) throws IOException {
    Path file = Files.write(folder.resolve("rows.jsonl"), List.of(lines));
    List<Row> rows = new ArrayList<>();
    try (DataFile data = DataFile.open(file, DataFormat.JSONL, InputFields.of(model()))) {
      for (Row row = data.next(); row != null; row = data.next()) {
        rows.add(row);
      }
    }
    return rows;
  }

  private static <T> T value(Map<String, T> values, String name) {
    return Objects.requireNonNull(values.get(name), name);
  }

  @Test
  void eachField_isOfTheTypeOfItsInput_andExact() throws IOException {
    Row.Inputs row = (Row.Inputs) rows(GOOD).getFirst();

    assertThat(row.id()).isEqualTo("r1");
    assertThat(row.weight()).isEqualTo(2);
    assertThat(row.values().keySet())
        .containsExactly("states", "attention_mask", "wide", "half", "byte", "far", "flag");
    assertThat(value(row.values(), "states").shape()).isEqualTo(Shape.of(3, 2));
    assertThat(value(row.values(), "states").toFloats().data())
        .containsExactly(1, 2.5f, 3, -0.4f, 5, 6);
    assertThat(value(row.values(), "wide").elements().getDouble(8)).isEqualTo(1e300);
    assertThat(value(row.values(), "far").toLongs()).containsExactly(9007199254740993L);
    assertThat(value(row.values(), "flag").toLongs()).containsExactly(1);
    assertThat(value(row.values(), "half").shape()).isEqualTo(Shape.of());
  }

  @Test
  void rowsOfABatch_areFedAsTheyAre_andTheirMasksTellTokensFromPadding() throws IOException {
    Model model = model();
    List<Sample> samples = new ArrayList<>();
    List<Map<String, RawTensor>> values = new ArrayList<>();
    for (Row row : rows(GOOD, GOOD.replace("r1", "r2").replace("[1, 1, 0]", "[0, 1, 1]"))) {
      Row.Inputs inputs = (Row.Inputs) row;
      samples.add(GivenInputs.sample(model, inputs.line(), inputs.id(), inputs.values()));
      values.add(inputs.values());
    }

    Batch batch = Batch.ofGiven(model, samples, values);

    assertThat(value(batch.feed(), "states").shape()).isEqualTo(Shape.of(2, 3, 2));
    assertThat(value(batch.feed(), "states").toFloats().data())
        .containsExactly(1, 2.5f, 3, -0.4f, 5, 6, 1, 2.5f, 3, -0.4f, 5, 6);
    assertThat(value(batch.feed(), "attention_mask").toLongs()).containsExactly(1, 1, 0, 0, 1, 1);
    assertThat(value(batch.feed(), "half").shape()).isEqualTo(Shape.of(2));
    assertThat(batch.tokens(0, 0)).containsExactly(0, 1, -1);
    assertThat(batch.tokens(0, 1)).containsExactly(-1, 0, 1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "\"flag\": true | \"flags\": true | it has no 'flag', bool number",
        "\"flag\": true | \"flag\": 2 | its 'flag' is no bool number: 2",
        "\"flag\": true | \"flag\": null | its 'flag' is no bool number: null",
        "[[1, 2.5] | [[1, 2.5, 7] | its 'states' is no float32 [tokens, 2]: 3 on axis 1",
        "[[1, 2.5] | [[1] | its 'states' is no float32 [tokens, 2]: 1 on axis 1",
        "[[1, 2.5] | [9 | its 'states' is no float32 [tokens, 2]: 9 at [0], where a list must be",
        "[[1, 2.5] | [[[1], 2.5] | its 'states' is no float32 [tokens, 2]: a list at [0, 0]",
        "[3, -4e-1] | [3, NaN] | its 'states' has a number that is not finite in float32: NaN at"
            + " [1, 1]",
        "[3, -4e-1] | [3, 1e39] | its 'states' has a number that is not finite in float32: 1e39 at"
            + " [1, 1]",
        "65504 | 65520 | its 'half' has a number that is not finite in float16: 65520",
        "65504 | -Infinity | its 'half' has a number that is not finite in float16: -Infinity",
        "[3, -4e-1] | [3, \"4\"] | its 'states' is no float32 [tokens, 2]: a string at [1, 1]",
        "[3, -4e-1] | [3, true] | its 'states' is no float32 [tokens, 2]: true at [1, 1]",
        "127] | 128] | its 'byte' is no int8 [2]: 128 at [1]",
        "127] | 12.5] | its 'byte' is no int8 [2]: 12.5 at [1]",
        "[9007199254740993] | [99999999999999999999] | its 'far' is no int64 [n]:"
            + " 99999999999999999999 at [0]",
        "\"weight\": 2 | \"weight\": [2] | its weight is no number",
        "\"weight\": 2 | \"flag\": false | it has a field twice: flag",
        "\"flag\": true} | \"flag\": true}} | it is not JSON: ",
      })
  void whatDoesNotFitAnInput_isNamed_withItsPlace(String good, String bad, String message)
      throws IOException {
    assertThat(GOOD).contains(good);

    List<Row> rows = rows(GOOD.replace(good, bad), GOOD.replace("r1", "next"));

    assertThat(rows.get(0)).isInstanceOf(Row.Bad.class);
    assertThat(rows.get(0).toString()).startsWith("line 1: " + message).hasSizeLessThan(300);
    assertThat(rows.get(1)).isInstanceOf(Row.Inputs.class);
  }

  @Test
  void hostileRows_areBadRows_atOnce() throws IOException {
    String deep = "[".repeat(100_000);
    for (String bad :
        List.of(
            "{\"states\": " + deep + "}",
            "{\"label\": " + deep + "]".repeat(100_000) + "}",
            "{\"states\": [[1" + ",1".repeat(1 << 20) + "]]}",
            "{\"states\": [" + "[],".repeat(1 << 20) + "[1]]}",
            "{\"half\": " + "9".repeat(1 << 20) + "}",
            "{\"id\": {\"a\": " + deep + "}}",
            "{\"a\": \"" + "b".repeat(InputRows.MAX_LINE_BYTES) + "\"}",
            "[1, 2]",
            "7")) {
      List<Row> rows = rows(bad, GOOD);
      assertThat(rows).hasSize(2);
      assertThat(rows.get(0)).as(bad.substring(0, 1)).isInstanceOf(Row.Bad.class);
      assertThat(rows.get(0).toString()).hasSizeLessThan(300);
      assertThat(rows.get(1)).isInstanceOf(Row.Inputs.class);
    }
  }

  @Test
  void aModelOfIds_takesRowsOfAllInputs_andTextsAsBefore() throws IOException {
    GraphBuilder graph = new GraphBuilder("ids");
    graph.input("input_ids", ElementType.INT64, "batch", "tokens");
    graph.input("attention_mask", ElementType.INT64, "batch", "tokens");
    graph.input("token_type_ids", ElementType.INT64, "batch", "tokens");
    graph.output("out", "input_ids", ElementType.INT64, "batch", "tokens");
    Model model = Model.parse(graph.model(17, "test"), "ids");
    String ids = "{\"input_ids\": [5, 6], \"attention_mask\": [1, 1]";
    Path file =
        Files.write(
            folder.resolve("ids.jsonl"),
            List.of(ids + ", \"token_type_ids\": [0, 1]}", ids + "}", "{\"text\": \"a\"}", "{"));

    try (DataFile data = DataFile.open(file, DataFormat.JSONL, InputFields.of(model))) {
      assertThat(data.next())
          .isInstanceOfSatisfying(
              Row.Inputs.class,
              row ->
                  assertThat(value(row.values(), "token_type_ids").toLongs())
                      .containsExactly(0, 1));
      assertThat(data.next()).isInstanceOf(Row.Ids.class);
      assertThat(data.next()).isEqualTo(new Row.Text(3, "3", "a", Optional.empty(), 1));
      assertThat(data.next()).asString().startsWith("line 4: it is not JSON");
    }
  }

  @Test
  void filesOfTexts_areRefused_whereRowsMustGiveInputs() throws IOException {
    Path file = Files.writeString(folder.resolve("a.csv"), "text\na\n");
    Optional<InputFields> inputs = InputFields.of(model());
    assertThatThrownBy(() -> DataFile.open(file, DataFormat.CSV, inputs))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "has texts or token ids, but 'given' reads 'states' (float32 [tokens, 2]),");
  }

  @Test
  void anAxisOfOneRow_isNone_ofARow() throws ModelException {
    GraphBuilder graph = new GraphBuilder("one");
    graph.input("image", ElementType.FLOAT32, "1", "3", "4", "4");
    graph.input("scale", ElementType.FLOAT32);
    graph.output("out", "image", ElementType.FLOAT32, "1", "3", "4", "4");
    Model model = Model.parse(graph.model(17, "test"), "one");

    InputFields fields = InputFields.of(model).orElseThrow();

    assertThat(fields.alone()).isTrue();
    assertThat(value(fields.fields(), "image").dims()).containsExactly("3", "4", "4");
    assertThat(value(fields.fields(), "scale").dims()).isEmpty();
  }
}
