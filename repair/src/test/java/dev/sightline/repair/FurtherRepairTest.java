package dev.sightline.repair;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.result.AuditResult;
import dev.sightline.audit.result.Probe;
import dev.sightline.audit.result.Verdict.Outcome;
import dev.sightline.audit.zoo.Architecture;
import dev.sightline.audit.zoo.Bug;
import dev.sightline.audit.zoo.Zoo;
import dev.sightline.data.Padding;
import dev.sightline.data.Pooling;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Positions that count padding, and poolings that take it. */
class FurtherRepairTest {
  private static final int SIZE = 8;

  @TempDir Path folder;

  /** How a graph makes its positions. */
  enum Positions {
    RANGE,
    CONSTANT,
    ROWS_OF_TABLE,
    VECTOR,
    SHARED_WITH_MASK,
    ROTARY,
    FUSED
  }

  /** How a graph pools. */
  enum Pools {
    MEAN,
    SUM_BY_LENGTH,
    LARGEST,
    LAST,
    LAST_SLICE,
    NONE
  }

  /** A causal model of one attention. */
  private static final class Graph {
    private final GraphBuilder g = new GraphBuilder("plain");
    private final ElementType type;
    private final String ids = g.input("input_ids", ElementType.INT64, "batch", "tokens");
    private final String mask = g.input("attention_mask", ElementType.INT64, "batch", "tokens");

    Graph(ElementType type) {
      this.type = type;
    }

    private String floats(String name, double seed, int... dims) {
      return SineWeights.add(g, type, name, seed, dims);
    }

    byte[] bytes(Positions positions, Pools pools) {
      String width = g.size(ids, 1);
      String slots = g.range(width);
      String words = floats("words", 1.7, 64, SIZE);
      String x = g.op("Gather", words, ids).out();
      String table = floats("positions", 2.3, 64, SIZE);
      String allSlots = g.node("Unsqueeze", slots, g.longs(0));
      String query = x;
      switch (positions) {
        case RANGE -> query = x = g.node("Add", x, g.node("Gather", table, allSlots));
        case CONSTANT -> {
          long[] numbers = new long[64];
          Arrays.setAll(numbers, n -> n);
          String buffer = g.node("Unsqueeze", g.longs(numbers), g.longs(0));
          String end = g.node("Reshape", width, g.longs(1));
          String own = g.node("Slice", buffer, g.longs(0), end, g.longs(1));
          query = x = g.node("Add", g.node("Gather", table, own), x);
        }
        case ROWS_OF_TABLE -> {
          String end = g.node("Reshape", width, g.longs(1));
          String rows = g.node("Slice", table, g.longs(0), end, g.longs(0));
          query = x = g.node("Add", x, rows);
        }
        case VECTOR, SHARED_WITH_MASK ->
            query = x = g.node("Add", x, g.node("Gather", table, slots));
        case ROTARY -> {
          String angle =
              g.node(
                  "Mul",
                  g.node("Unsqueeze", g.cast(slots, type), g.longs(1)),
                  floats("frequencies", 0.9, SIZE));
          // Not a true rotation, so that padding on the left shows.
          query = g.node("Mul", x, g.node("Cos", angle));
        }
        case FUSED -> {
          query =
              x =
                  g.op(
                          "EmbedLayerNormalization",
                          g.cast(ids, ElementType.INT32),
                          "",
                          words,
                          table,
                          "",
                          floats("gamma", 0.3, SIZE),
                          floats("beta", 0.4, SIZE))
                      .of(GraphBuilder.MICROSOFT)
                      .outputs("embedded", "lengths")
                      .out();
        }
      }
      String scores = g.node("MatMul", query, g.transpose(x, 0, 2, 1));
      String keys = g.node("Unsqueeze", g.cast(mask, ElementType.BOOL), g.longs(1));
      String rows = g.node("Unsqueeze", slots, g.longs(1));
      String later = g.node("Greater", g.node("Unsqueeze", slots, g.longs(0)), rows);
      String allowed = g.node("And", keys, g.node("Not", later));
      String low = g.scalar(type, type == ElementType.FLOAT16 ? -65504 : -1e9);
      String weights = g.softmax(g.node("Where", allowed, scores, low));
      String hidden = g.node("Add", g.node("MatMul", weights, x), x);
      g.output("hidden", hidden, type, "batch", "tokens", "" + SIZE);
      String pooled =
          switch (pools) {
            case MEAN -> g.op("ReduceMean", hidden).withAll("axes", 1).with("keepdims", 0).out();
            case SUM_BY_LENGTH ->
                g.node(
                    "Div",
                    g.op("ReduceSum", hidden, g.longs(1)).with("keepdims", 0).out(),
                    g.cast(width, type));
            case LARGEST -> g.op("ReduceMax", hidden).withAll("axes", 1).with("keepdims", 0).out();
            case LAST -> g.op("Gather", hidden, g.longScalar(-1)).with("axis", 1).out();
            case LAST_SLICE ->
                g.node(
                    "Reshape",
                    g.node("Slice", hidden, g.longs(-1), g.longs(Long.MAX_VALUE), g.longs(1)),
                    g.longs(0, SIZE));
            case NONE -> "";
          };
      if (!pooled.isEmpty()) {
        g.output("pooled", pooled, type, "batch", "" + SIZE);
      }
      return g.model(17, "test");
    }
  }

  private Repair repair(byte[] bytes) throws IOException {
    Model model = Model.open(Files.write(folder.resolve("in.onnx"), bytes));
    return Repair.of(model).padId(0).samples(new RandomTokens(model, 0, 3).samples(3));
  }

  private static Outcome outcome(AuditResult audit, Probe probe) {
    return audit.finding(probe).verdict().outcome();
  }

  @ParameterizedTest
  @EnumSource(Positions.class)
  void positionsOfSlots_countRealTokens(Positions positions) throws IOException {
    byte[] in = new Graph(ElementType.FLOAT32).bytes(positions, Pools.NONE);
    Path out = folder.resolve("out.onnx");

    RepairResult result = repair(in).positionsFromMask().writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
    assertThat(outcome(result.before(), Probe.PAD_LEFT)).isEqualTo(Outcome.PAD_RIGHT_ONLY);
    assertThat(outcome(requireNonNull(result.after()), Probe.PAD_LEFT)).isEqualTo(Outcome.PASS);
    assertThat(outcome(requireNonNull(result.after()), Probe.PAD_INTERIOR)).isEqualTo(Outcome.PASS);
    assertThat(requireNonNull(result.sameness()).different()).isZero();
    assertThat(result.further()).hasSize(1);
    assertThat(result.further().getFirst().is()).isEqualTo("cumsum(attention_mask) - 1");
  }

  @Test
  void positionsOfSlots_areNamed_andReplacedOnce() throws IOException {
    byte[] in = new Graph(ElementType.FLOAT32).bytes(Positions.RANGE, Pools.NONE);
    Path out = folder.resolve("out.onnx");
    RepairResult asItIs = repair(in).writeTo(out);
    assertThat(asItIs.outcome()).isEqualTo(RepairResult.Outcome.WAS_RIGHT);
    assertThat(String.join("\n", RepairText.lines(asItIs))).contains("--positions from-mask");

    repair(in).positionsFromMask().writeTo(out);
    Repair again = repair(Files.readAllBytes(out)).positionsFromMask();
    assertThat(again.writeTo(folder.resolve("again.onnx")).outcome())
        .isEqualTo(RepairResult.Outcome.WAS_RIGHT);
  }

  @Test
  void positionsOfHalfFloats_countRealTokens() throws IOException {
    byte[] in = new Graph(ElementType.FLOAT16).bytes(Positions.ROWS_OF_TABLE, Pools.NONE);
    RepairResult result = repair(in).positionsFromMask().writeTo(folder.resolve("out.onnx"));
    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
  }

  /** Its lengths count real tokens from slot 0 on: with padding before a text it needs a mask. */
  @Test
  void groupQueryAttention_getsPositionsAndAMask() throws IOException {
    byte[] in = Zoo.model(Architecture.GROUP_QUERY, Bug.NONE).bytes();
    RepairResult result = repair(in).positionsFromMask().writeTo(folder.resolve("out.onnx"));
    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
    assertThat(outcome(requireNonNull(result.after()), Probe.PAD_LEFT)).isEqualTo(Outcome.PASS);
    assertThat(result.masks()).isNotEmpty();
  }

  @Test
  void positionsThatAreGivenAndIgnored_areRead_withoutAnOption() throws IOException {
    byte[] in = Zoo.model(Architecture.DECODER, Bug.POSITIONS_IGNORED).bytes();
    RepairResult result = repair(in).writeTo(folder.resolve("out.onnx"));
    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
    assertThat(result.further().getFirst().is()).isEqualTo("position_ids");
  }

  /** What the model says of a batch, pooled here. */
  private void requirePooled(Path file, Pooling pooling, String output, boolean unit)
      throws IOException {
    Model model = Model.open(file);
    List<Sample> samples = new RandomTokens(model, 0, 9).samples(3);
    for (Padding side : List.of(Padding.RIGHT, Padding.LEFT)) {
      Batch batch = Batch.of(model.roles(), samples, 0);
      batch = batch.withPadding(0, side, batch.width(0) + 2);
      Map<String, FloatTensor> run;
      try (ModelSession session = model.session()) {
        run = session.run(batch.feed(), List.of("hidden", output));
      }
      float[] actual = requireNonNull(run.get(output)).data();
      for (int row = 0; row < 3; row++) {
        double[] expected =
            pooling.pool(requireNonNull(run.get("hidden")), row, batch.tokens(0, row));
        double length = 0;
        for (double value : expected) {
          length += value * value;
        }
        for (int d = 0; d < SIZE; d++) {
          assertThat((double) actual[row * SIZE + d])
              .as(side + " row " + row + " element " + d)
              .isCloseTo(expected[d] / (unit ? Math.sqrt(length) : 1), Offset.offset(3e-3));
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource(value = Pools.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void poolingOfSlots_takesRealTokens(Pools pools) throws IOException {
    ElementType type = pools == Pools.MEAN ? ElementType.FLOAT16 : ElementType.FLOAT32;
    byte[] in = new Graph(type).bytes(Positions.RANGE, pools);
    Pooling pooling =
        switch (pools) {
          case LARGEST -> Pooling.MAX;
          case LAST, LAST_SLICE -> Pooling.LAST;
          default -> Pooling.MEAN;
        };
    Path out = folder.resolve("out.onnx");
    RepairResult result = repair(in).pooling(pooling).writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
    assertThat(requireNonNull(result.sameness()).expected()).isTrue();
    requirePooled(out, pooling, "pooled", false);
  }

  @Test
  void poolingOfSlots_isNamed_andAskedFor() throws IOException {
    byte[] in = new Graph(ElementType.FLOAT32).bytes(Positions.RANGE, Pools.MEAN);
    RepairResult refused = repair(in).writeTo(folder.resolve("out.onnx"));
    assertThat(refused.outcome()).isEqualTo(RepairResult.Outcome.NO_CURE);
    assertThat(refused.refused().getFirst().reason()).contains("--pooling");
  }

  @ParameterizedTest
  @EnumSource(
      value = Pooling.class,
      names = {"MEAN", "LAST"})
  void modelWithoutPooling_getsAnOutputOfLengthOne(Pooling pooling) throws IOException {
    byte[] in = new Graph(ElementType.FLOAT32).bytes(Positions.RANGE, Pools.NONE);
    Path out = folder.resolve("out.onnx");

    RepairResult result = repair(in).pooling(pooling).positionsFromMask().writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
    assertThat(Model.open(out).outputs())
        .extracting(TensorSpec::name)
        .containsExactly("hidden", "sentence_embedding");
    requirePooled(out, pooling, "sentence_embedding", true);
  }

  @Test
  void poolingThatIsAnother_isReplaced_andSaidSo() throws IOException {
    byte[] in = new Graph(ElementType.FLOAT32).bytes(Positions.RANGE, Pools.LAST);
    Path out = folder.resolve("out.onnx");
    RepairResult result = repair(in).pooling(Pooling.MEAN).writeTo(out);
    assertThat(result.outcome()).isEqualTo(RepairResult.Outcome.REPAIRED);
    assertThat(requireNonNull(result.sameness()).expected()).isFalse();
    assertThat(String.join("\n", RepairText.lines(result))).contains("the old pooling is another");
    requirePooled(out, Pooling.MEAN, "pooled", false);
  }
}
