package dev.sightline.repair;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sightline.mask.BoundMask;
import dev.sightline.mask.Mask;
import dev.sightline.mask.MaskSample;
import dev.sightline.mask.MaskShape;
import dev.sightline.mask.convert.Fill;
import dev.sightline.mask.convert.FloatType;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Masks as nodes give, cell by cell, what the masks themselves say. */
class MaskGraphTest {
  private static final Fill FILL = Fill.of(-1);

  /** Kinds that are free of sizes, and combinations of them. */
  private static final List<String> FREE =
      List.of(
          "full",
          "none",
          "causal(bottom-right)",
          "causal(top-left)",
          "causal(offset=-2)",
          "window(2,1; top-left)",
          "window(1,inf; bottom-right)",
          "window(inf,0; offset=1)",
          "chunk(3)",
          "prefix(2; bottom-right)",
          "dilated(3)",
          "dilated(1)",
          "global(0,3)",
          "key-padding(3)",
          "key-padding(2; side=left)",
          "query-padding(lengths=1)",
          "causal(bottom-right) & window(3,0; bottom-right) | global(1)",
          "!causal(top-left) - chunk(2)",
          "per-head(causal(top-left); full; window(1,1; bottom-right) & chunk(4))");

  @Test
  void kindsWithoutTokens_allowWhatTheyAllow_overAnySizes() throws ModelException {
    Random random = new Random(1);
    for (String text : FREE) {
      Mask mask = Mask.parse(text);
      long opset = random.nextLong(11, 24);
      try (Running running = new Running(MaskGraph.of(mask).opset(opset))) {
        for (int run = 0; run < 4; run++) {
          int queries = 4 + random.nextInt(6);
          int keys = run == 0 ? queries : queries + random.nextInt(5);
          MaskShape shape = new MaskShape(1, mask.heads(), queries, keys);
          Mask expected = mask.forSample(MaskSample.step(queries, keys));
          Map<String, RawTensor> feed =
              Map.of("query_length", scalar(queries), "key_length", scalar(keys));
          running.requireCells(text + " opset " + opset, expected.over(shape), feed);
        }
      }
    }
  }

  @Test
  void kindsWithoutTokens_overKeysOfAnotherSequence_countFromTheFirst() throws ModelException {
    Random random = new Random(4);
    for (String text : FREE) {
      Mask mask = Mask.parse(text);
      try (Running running = new Running(MaskGraph.of(mask).cross())) {
        for (int run = 0; run < 3; run++) {
          int queries = 4 + random.nextInt(5);
          int keys = 4 + random.nextInt(5);
          running.requireCells(
              text,
              mask.over(new MaskShape(1, mask.heads(), queries, keys)),
              Map.of("query_length", scalar(queries), "key_length", scalar(keys)));
        }
      }
    }
  }

  /** For each kind that lists its tokens, the text of one over a number of tokens. */
  private static List<IntFunction<String>> ofTokens(Random random) {
    return List.of(
        n -> "causal",
        n -> "window(2,1)",
        n -> "prefix(" + random.nextInt(n) + "," + random.nextInt(n) + ")",
        n -> "padding(" + (1 + random.nextInt(n)) + "," + (1 + random.nextInt(n)) + ")",
        n -> "padding(" + (1 + random.nextInt(n)) + "; side=left)",
        n -> "padding(bits=" + bits(random, n) + "," + bits(random, n) + ")",
        n -> "key-padding(bits=" + bits(random, n) + ")",
        n -> "documents(2,1,3)",
        n -> "documents(2,2; keys=1,4)",
        n -> "documents(ids=" + numbers(random, n) + ")",
        n -> "block-causal(" + bits(random, n) + "," + bits(random, n) + ")",
        n -> "row-causal(" + bits(random, n) + ")",
        n -> "islands(" + numbers(random, n) + ")",
        n -> "causal | islands(" + numbers(random, n) + ")",
        n -> "chunk(2; left-padding=" + random.nextInt(n) + "," + random.nextInt(n) + ")",
        n -> "tree(-1,0,1,0" + ",2".repeat(n - 4) + ")",
        n -> "shared-prefix(2; 1,2)",
        n ->
            "groups(image(2) text(1) subtask(2, causal) flow("
                + (n - 5)
                + "); image text see image text; subtask sees image text subtask;"
                + " flow sees image text flow)",
        n -> "pi0(images=1, language=2, actions=" + (n - 4) + ")",
        n -> "smolvla(images=1, language=2, actions=" + (n - 4) + ")",
        n -> "dense(" + (bits(random, n) + "/").repeat(n - 1) + bits(random, n) + ")",
        n -> "cached(11; causal" + (n > 2 ? " & chunk(2)" : "") + ")",
        n -> "per-batch(causal; !causal & block-causal(" + bits(random, n) + "))",
        n -> "step(causal & documents(3,2))");
  }

  @Test
  void kindsOfTokens_allowWhatTheyAllow_inEveryBatchRow() throws ModelException {
    Random random = new Random(2);
    for (int round = 0; round < 3; round++) {
      for (IntFunction<String> kind : ofTokens(random)) {
        int tokens = 6 + random.nextInt(4);
        String text = kind.apply(tokens);
        Mask mask = Mask.parse(text);
        int queries = text.startsWith("cached") ? tokens - 2 : tokens;
        MaskShape shape = new MaskShape(mask.batchRows(), mask.heads(), queries, tokens);
        long opset = random.nextLong(11, 24);
        try (Running running = new Running(MaskGraph.of(mask).opset(opset))) {
          running.requireCells(
              text,
              mask.over(shape),
              Map.of("query_length", scalar(queries), "key_length", scalar(tokens)));
        }
      }
    }
  }

  /** What a mask that lists its tokens is over the last of them, a cached step sees. */
  @Test
  void kindsOfTokens_overFewerQueriesThanKeys_areTheLastRows() throws ModelException {
    Random random = new Random(3);
    for (IntFunction<String> kind : ofTokens(random)) {
      String text = kind.apply(8);
      if (text.startsWith("cached")) {
        continue;
      }
      boolean saysCorner = text.startsWith("dense") || text.startsWith("step");
      Mask joint = Mask.parse(text);
      Mask mask = saysCorner ? Mask.step(joint) : joint;
      MaskShape shape = new MaskShape(joint.batchRows(), joint.heads(), 3, 8);
      try (Running running = new Running(MaskGraph.of(mask).opset(14))) {
        running.requireCells(
            text,
            Mask.step(joint).over(shape),
            Map.of("query_length", scalar(3), "key_length", scalar(8)));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "padding",
        "key-padding",
        "query-padding",
        "key-padding(by-length)",
        "causal & key-padding",
        "causal & padding | !key-padding",
        "prefix(token-types=1)",
        "islands(token-types)",
        "causal | islands(token-types; spans)",
        "documents(token-types) & padding",
        "documents(positions) & causal",
        "chunk(3; left-padding)",
        "chunk(2; positions) & padding",
        "marked(image_mask) & causal",
        "given(step_mask) & key-padding",
        "prefix(3) & window(2,2) & padding"
      })
  void wordsAboutASample_readItsInputs_inEveryBatchRow(String text) throws ModelException {
    Random random = new Random(text.hashCode());
    Mask mask = Mask.parse(text);
    for (long opset : new long[] {11, 13, 18, 23}) {
      try (Running running = new Running(MaskGraph.of(mask).opset(opset))) {
        for (int run = 0; run < 6; run++) {
          int keys = 3 + random.nextInt(7);
          // A given mask is as large as the attention, so that it has no last rows.
          int queries = run < 3 ? keys : 1 + random.nextInt(keys);
          requireSamples(running, text + " opset " + opset, mask, random, queries, keys);
        }
      }
    }
  }

  private static void requireSamples(
      Running running, String label, Mask mask, Random random, int queries, int keys)
      throws ModelException {
    int rows = 1 + random.nextInt(3);
    long[] real = new long[rows * keys];
    long[] types = new long[rows * keys];
    long[] positions = new long[rows * keys];
    long[] marks = new long[rows * keys];
    long[] pairs = new long[rows * queries * keys];
    Arrays.setAll(pairs, n -> random.nextInt(2));
    List<BoundMask> expected = new ArrayList<>();
    for (int b = 0; b < rows; b++) {
      boolean left = random.nextBoolean();
      int padding = random.nextInt(keys);
      MaskSample sample = MaskSample.step(queries, keys);
      boolean[] isReal = new boolean[keys];
      int[] type = new int[keys];
      int[] position = new int[keys];
      boolean[] mark = new boolean[keys];
      for (int k = 0; k < keys; k++) {
        boolean hole = random.nextInt(8) == 0;
        isReal[k] = !hole && (left ? k >= padding : k < keys - padding);
        type[k] = random.nextInt(3);
        position[k] = k > 0 && random.nextInt(4) > 0 ? position[k - 1] + 1 : 0;
        mark[k] = random.nextBoolean();
        int at = b * keys + k;
        real[at] = isReal[k] ? 1 : 0;
        types[at] = type[k];
        positions[at] = position[k];
        marks[at] = mark[k] ? 1 : 0;
      }
      boolean[][] given = new boolean[queries][keys];
      for (int q = 0; q < queries; q++) {
        for (int k = 0; k < keys; k++) {
          given[q][k] = pairs[(b * queries + q) * keys + k] == 1;
        }
      }
      sample =
          sample
              .realKeys(isReal)
              .tokenTypes(type)
              .positions(position)
              .marked("image_mask", mark)
              .given("step_mask", given);
      expected.add(mask.forSample(sample).over(queries, keys));
    }
    Shape shape = Shape.of(rows, keys);
    Map<String, RawTensor> all = new HashMap<>();
    all.put("attention_mask", longs(shape, real));
    all.put("token_type_ids", longs(shape, types));
    all.put("position_ids", longs(shape, positions));
    all.put("image_mask", longs(shape, marks));
    all.put("step_mask", longs(Shape.of(rows, 1, queries, keys), pairs));
    all.put("query_length", scalar(queries));
    running.requireRows(label, expected, all);
  }

  @Test
  void paddingOfAnotherSequence_isThatOfTheKeys() throws ModelException {
    Mask mask = Mask.parse("padding");
    try (Running running = new Running(MaskGraph.of(mask).cross())) {
      Map<String, RawTensor> feed =
          Map.of(
              "query_length", scalar(2),
              "attention_mask", longs(Shape.of(1, 4), 1, 1, 0, 1),
              "query_mask", longs(Shape.of(1, 2), 0, 1));
      MaskSample sample =
          MaskSample.cross(2, 4).realKeys(true, true, false, true).realQueries(false, true);
      running.requireRows("cross", List.of(mask.forSample(sample).over(2, 4)), feed);
    }
  }

  @Test
  void kindOfOneSequence_overKeysOfAnother_isRefused() {
    MaskGraph causal = MaskGraph.of(Mask.causal()).cross();
    assertThatThrownBy(causal::model)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("causal must say where its diagonal is");
    MaskGraph islands = MaskGraph.of(Mask.islands(0, 1, 1)).cross();
    assertThatThrownBy(islands::model)
        .hasMessageContaining("islands(0,1,1) describes the tokens of one sequence");
  }

  @Test
  void listOfTokens_overAnotherNumberOfTokens_isRefusedByTheRuntime() throws ModelException {
    for (String text : List.of("islands(0,1,1)", "block-causal(011)", "dense(110/111/001)")) {
      try (Running running = new Running(MaskGraph.of(Mask.parse(text)))) {
        for (int tokens : new int[] {1, 2, 4}) {
          Map<String, RawTensor> feed =
              Map.of("query_length", scalar(tokens), "key_length", scalar(tokens));
          assertThatThrownBy(() -> running.run(feed))
              .as(text + " over " + tokens)
              .isInstanceOf(ModelException.class)
              .hasMessageContaining("'needs_3_");
        }
      }
    }
  }

  @Test
  void digitsThatMayBeLengthsOrBits_areDecidedByTheNumberOfKeys() throws ModelException {
    Mask mask = Mask.parse("key-padding(110)");
    assertThatThrownBy(() -> MaskGraph.of(mask).model())
        .hasMessageContaining("may be lengths or bits");
    try (Running running = new Running(MaskGraph.of(mask).queries(3).keys(3))) {
      running.requireCells("bits", mask.over(3, 3), Map.of());
    }
  }

  @Test
  void additiveForm_hasTheFillOfItsType() throws ModelException {
    Mask mask = Mask.causal();
    for (FloatType type : FloatType.values()) {
      Model model =
          Model.parse(
              MaskGraph.of(mask).queries(2).keys(2).additive(Fill.lowest(), type).model(), "mask");
      try (ModelSession session = model.session()) {
        assertThat(requireNonNull(session.run(Map.of(), List.of("mask")).get("mask")).data())
            .as(type.name())
            .containsExactly(0, type.lowest(), 0, 0);
      }
    }
  }

  @Test
  void opsetBelow11_isRefused() {
    MaskGraph graph = MaskGraph.of(Mask.causal());
    assertThatThrownBy(() -> graph.opset(10)).hasMessageContaining("opset is 10");
  }

  private static String bits(Random random, int count) {
    StringBuilder bits = new StringBuilder("0");
    while (bits.length() < count) {
      bits.append(random.nextInt(2));
    }
    return bits.toString();
  }

  private static String numbers(Random random, int count) {
    List<String> numbers = new ArrayList<>();
    for (int n = 0; n < count; n++) {
      numbers.add(String.valueOf(random.nextInt(3)));
    }
    return String.join(",", numbers);
  }

  private static RawTensor scalar(long value) {
    return longs(Shape.of(), value);
  }

  private static RawTensor longs(Shape shape, long... values) {
    return RawTensor.of(ElementType.INT64, shape, TensorBytes.of(values));
  }

  /** A graph of a mask in a session. */
  private static final class Running implements AutoCloseable {
    private final Model model;
    private final ModelSession session;

    Running(MaskGraph graph) throws ModelException {
      model = Model.parse(graph.additive(FILL, FloatType.FLOAT32).model(), "mask");
      session = model.session();
    }

    FloatTensor run(Map<String, RawTensor> feed) throws ModelException {
      Map<String, RawTensor> needed = new HashMap<>(feed);
      needed.keySet().retainAll(model.inputs().stream().map(input -> input.name()).toList());
      return requireNonNull(session.run(needed, List.of(MaskGraph.OUTPUT)).get(MaskGraph.OUTPUT));
    }

    void requireCells(String label, BoundMask expected, Map<String, RawTensor> feed)
        throws ModelException {
      List<BoundMask> rows = new ArrayList<>();
      int batch = expected.shape().batch();
      for (int b = 0; b < batch; b++) {
        rows.add(expected);
      }
      compare(label, rows, run(feed), true);
    }

    /** Each batch row has a mask of its own. */
    void requireRows(String label, List<BoundMask> expected, Map<String, RawTensor> feed)
        throws ModelException {
      compare(label, expected, run(feed), false);
    }

    private static void compare(
        String label, List<BoundMask> rows, FloatTensor got, boolean byRow) {
      int queries = rows.getFirst().shape().queries();
      int keys = rows.getFirst().shape().keys();
      int batch = got.shape().dim(0);
      int heads = got.shape().dim(1);
      assertThat(got.shape()).as(label).isEqualTo(Shape.of(batch, heads, queries, keys));
      assertThat(batch).as(label).isIn(1, rows.size());
      for (int b = 0; b < rows.size(); b++) {
        BoundMask mask = rows.get(b);
        for (int h = 0; h < mask.shape().heads(); h++) {
          for (int i = 0; i < queries; i++) {
            for (int j = 0; j < keys; j++) {
              int at =
                  ((Math.min(b, batch - 1) * heads + Math.min(h, heads - 1)) * queries + i) * keys
                      + j;
              boolean allowed = mask.allowed(byRow ? b : 0, h, i, j);
              assertThat(got.data()[at])
                  .as("%s: row %d head %d query %d key %d", label, b, h, i, j)
                  .isEqualTo(allowed ? 0f : -1f);
            }
          }
        }
      }
    }

    @Override
    public void close() {
      session.close();
    }
  }
}
