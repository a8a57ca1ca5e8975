package dev.sightline.repair;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sightline.audit.ImplementedMask;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.Sample;
import dev.sightline.data.internal.batch.Batch;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attentions over the tokens of a text and others that no input feeds, which are never padding. */
class OtherTokensRepairTest {
  private static final int SIZE = 8;
  private static final int REGISTERS = 5;
  private static final int LEARNED = 3;
  private static final int LAYERS = 2;

  @TempDir Path folder;

  /** What attends, and where the registers are among the keys. */
  enum Layout {
    LEARNED_QUERIES_REGISTERS_FIRST(false, true),
    LEARNED_QUERIES_REGISTERS_LAST(false, false),
    ALL_TOKENS_REGISTERS_FIRST(true, true),
    ALL_TOKENS_REGISTERS_LAST(true, false);

    private final boolean self;
    private final boolean first;

    Layout(boolean self, boolean first) {
      this.self = self;
      this.first = first;
    }
  }

  /** A model that reads its mask or not; all else is equal. */
  private static final class Graph {
    private final GraphBuilder g = new GraphBuilder("others");
    private final String ids = g.input("input_ids", ElementType.INT64, "batch", "tokens");
    private final String mask = g.input("attention_mask", ElementType.INT64, "batch", "tokens");

    private String floats(String name, double seed, int... dims) {
      return SineWeights.add(g, ElementType.FLOAT32, name, seed, dims);
    }

    private String inEachRow(String tokens, int count) {
      return g.node(
          "Expand",
          g.reshape(tokens, 1, count, SIZE),
          g.concat(0, g.node("Unsqueeze", g.size(ids, 0), g.longs(0)), g.longs(1, 1)));
    }

    private String together(Layout layout, String registers, String text) {
      return layout.first ? g.concat(1, registers, text) : g.concat(1, text, registers);
    }

    byte[] bytes(Layout layout, boolean masked) {
      String text = g.node("Gather", floats("words", 1.7, 64, SIZE), ids);
      String all =
          together(layout, inEachRow(floats("registers", 2.3, REGISTERS, SIZE), REGISTERS), text);
      String x = all;
      if (!layout.self) {
        String state =
            g.input("proprioception", ElementType.FLOAT32, "batch", "" + LEARNED, "" + SIZE);
        x = g.node("Add", state, floats("learned", 3.1, LEARNED, SIZE));
      }
      for (int layer = 0; layer < LAYERS; layer++) {
        String keys = layout.self ? x : all;
        String query = g.node("MatMul", x, floats("q" + layer, 0.7 + layer, SIZE, SIZE));
        String scores = g.node("MatMul", query, g.transpose(keys, 0, 2, 1));
        scores = g.node("Mul", scores, g.scalar(0.3));
        if (masked) {
          String real =
              together(
                  layout,
                  g.node(
                      "Expand",
                      g.cast(g.longs(1), ElementType.INT64),
                      g.concat(
                          0, g.node("Unsqueeze", g.size(ids, 0), g.longs(0)), g.longs(REGISTERS))),
                  mask);
          String allowed = g.node("Unsqueeze", g.cast(real, ElementType.BOOL), g.longs(1));
          scores = g.node("Where", allowed, scores, g.scalar(-1e9));
        }
        x = g.node("Add", g.node("MatMul", g.softmax(scores), keys), x);
      }
      if (layout.self) {
        String from = g.longs(layout.first ? REGISTERS : 0);
        String to = layout.first ? g.longs(Long.MAX_VALUE) : g.longs(-REGISTERS);
        x = g.node("Slice", x, from, to, g.longs(1));
        g.output("hidden", x, ElementType.FLOAT32, "batch", "tokens", "" + SIZE);
      } else {
        g.output("actions", x, ElementType.FLOAT32, "batch", "" + LEARNED, "" + SIZE);
      }
      return g.model(17, "test");
    }
  }

  @ParameterizedTest
  @EnumSource(Layout.class)
  void paddedTokensAreHidden_othersAreSeen(Layout layout) throws IOException {
    Path out = folder.resolve("out.onnx");
    Model in = Model.open(Files.write(folder.resolve("in.onnx"), new Graph().bytes(layout, false)));
    List<Sample> samples = new RandomTokens(in, 0, 3).samples(4);

    RepairResult result = Repair.of(in).padId(0).samples(samples).writeTo(out);

    assertThat(result.outcome())
        .as(String.join("\n", RepairText.lines(result)))
        .isEqualTo(RepairResult.Outcome.REPAIRED);
    Model right = Model.parse(new Graph().bytes(layout, true), "right.onnx");
    FloatTensor expected = run(right, samples);
    assertThat(run(Model.open(out), samples).data())
        .containsExactly(expected.data(), Offset.offset(1e-5f));
    assertThat(run(in, samples).data()).isNotEqualTo(expected.data());
    if (!layout.self) {
      assertThat(ImplementedMask.of(Model.open(out)).layer(1)).hasToString("key-padding");
      assertThat(ImplementedMask.of(in).layer(1)).hasToString("full");
    }
  }

  private static FloatTensor run(Model model, List<Sample> samples) throws IOException {
    String output = model.outputs().getFirst().name();
    try (ModelSession session = model.session()) {
      return requireNonNull(
          session.run(Batch.of(model.roles(), samples, 0).feed(), List.of(output)).get(output));
    }
  }
}
