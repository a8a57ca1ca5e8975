package dev.sightline.fuzz;

import dev.sightline.data.DataException;
import dev.sightline.data.DataFormat;
import dev.sightline.data.internal.row.DataFile;
import dev.sightline.data.internal.row.InputFields;
import dev.sightline.data.internal.row.Row;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Data files: each row is read or named as a bad one, or the file is refused. */
class DataFuzzTest implements Target {
  private static final int MOST_ROWS = 100_000;
  private static final int LONGEST_MESSAGE = 3000;

  private static final List<String> WORDS =
      List.of(
          "NaN",
          "Infinity",
          "1e999",
          "-1",
          "99999999999999999999",
          "{",
          "[",
          "\"",
          "\\ud800",
          "\\u0000",
          "\r",
          "\n",
          "\r\n\"",
          ",",
          ":",
          "null",
          "true",
          "\ufeff",
          "\t",
          "{\"text\":".repeat(600),
          "[".repeat(2000),
          "1".repeat(5000),
          "\"text\":\"x\",",
          "1e400000000",
          "0x1p3",
          "PAR1");

  /** A file of rows that give every input of a model. */
  private static final String GIVEN = "given.jsonl";

  private static final InputFields INPUTS =
      new InputFields(
          "a model",
          Map.of(
              "states", field("states", ElementType.FLOAT32, "tokens", "2"),
              "flags", field("flags", ElementType.BOOL, "tokens"),
              "n", field("n", ElementType.INT8)),
          true,
          false);

  private static InputFields.Field field(String name, ElementType type, String... dims) {
    List<String> ofInput = new ArrayList<>(List.of("batch"));
    ofInput.addAll(List.of(dims));
    return new InputFields.Field(new TensorSpec(name, type, ofInput), List.of(dims));
  }

  /** A file to begin with; the name's ending is its format. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Seed(String name, byte[] bytes) {}

  @TempDir Path folder;
  private final List<Seed> seeds = new ArrayList<>();

  @Test
  void files() throws Exception {
    text("a.csv", "id,text,weight\n1,\"a text, quoted\",2\n2,another,1\n3,\"two\nlines\",1\n");
    text("a.tsv", "text\tid\na text\t1\nanother\t2\n");
    text(
        "a.jsonl",
        "{\"text\": \"a text\", \"id\": \"x\"}\n"
            + "{\"input_ids\": [1, 2, 3], \"attention_mask\": [1, 1, 0], \"span\": [0, 2],"
            + " \"weight\": 0.5}\n");
    text(
        GIVEN,
        "{\"states\": [[1, 2.5], [3, -4e-1]], \"flags\": [true, false], \"id\": \"x\", \"n\": 7}\n"
            + "{\"n\": 8, \"flags\": [], \"states\": [], \"weight\": 0.5, \"other\": {\"a\":"
            + " [1]}}\n");
    text("a.txt", "a text\n\nanother \u00e9\n");
    for (String name : List.of("texts", "ids", "wrong-type", "no-text")) {
      for (int weight = 0; weight < 2; weight++) {
        seeds.add(new Seed("a.parquet", resource("/data/" + name + ".parquet")));
      }
    }
    Fuzzing.run("data", this);
  }

  private void text(String name, String content) {
    seeds.add(new Seed(name, content.getBytes(StandardCharsets.UTF_8)));
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = DataFuzzTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  /** The first byte says which seed it came from. */
  @Override
  public byte[] make(Random random) {
    int seed = random.nextInt(seeds.size());
    byte[] changed = Mutations.of(seeds.get(seed).bytes(), WORDS, random);
    byte[] named = new byte[changed.length + 1];
    named[0] = (byte) seed;
    System.arraycopy(changed, 0, named, 1, changed.length);
    return named;
  }

  @Override
  public String file(byte[] input) {
    return seeds.get(input[0]).name();
  }

  @Override
  public String run(byte[] input) throws IOException {
    byte[] content = new byte[input.length - 1];
    System.arraycopy(input, 1, content, 0, content.length);
    Path file = Files.write(folder.resolve(file(input)), content);
    Optional<InputFields> inputs =
        file(input).equals(GIVEN) ? Optional.of(INPUTS) : Optional.empty();
    try (DataFile data = DataFile.open(file, DataFormat.of(file), inputs)) {
      int bad = 0;
      Row row = data.next();
      for (int rows = 0; row != null && rows < MOST_ROWS; rows++) {
        bad += row instanceof Row.Bad ? 1 : 0;
        row = data.next();
      }
      return bad == 0 ? "read" : "read in part";
    } catch (DataException e) {
      Fuzzing.requireShort(e, LONGEST_MESSAGE);
      return "refused";
    }
  }
}
