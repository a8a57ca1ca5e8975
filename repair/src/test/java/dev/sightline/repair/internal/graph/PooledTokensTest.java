package dev.sightline.repair.internal.graph;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sightline.data.Pooling;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.ModelSession;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Poolings as nodes against the same ones in Java. */
class PooledTokensTest {
  private static final int ROWS = 4;
  private static final int WIDTH = 5;
  private static final int SIZE = 3;

  /** Padding after, before and between tokens, and none. */
  private static final long[][] MASK = {
    {1, 1, 1, 0, 0}, {0, 0, 1, 1, 1}, {0, 1, 0, 1, 0}, {1, 1, 1, 1, 1}
  };

  private static final List<Pooling> ALL =
      List.of(Pooling.MEAN, Pooling.FIRST, Pooling.LAST, Pooling.MAX, Pooling.WEIGHTED_MEAN);

  private static Model model(long opset) throws IOException {
    GraphBuilder g = new GraphBuilder("poolings");
    String hidden = g.input("hidden", ElementType.FLOAT32, "B", "S", "D");
    String mask = g.input("mask", ElementType.INT64, "B", "S");
    Nodes nodes = new Nodes(g, opset);
    PooledTokens tokens =
        new PooledTokens(nodes, opset, hidden, nodes.cast(mask, ElementType.BOOL));
    for (Pooling pooling : ALL) {
      String pooled = tokens.by(pooling);
      g.output(pooling.name(), pooled, ElementType.FLOAT32, "B", "D");
      g.output(pooling + "_UNIT", tokens.normalised(pooled), ElementType.FLOAT32, "B", "D");
    }
    return Model.parse(g.model(opset, "test"), "poolings");
  }

  @ParameterizedTest
  @ValueSource(longs = {11, 13, 17, 18, 21})
  void poolings_areThoseInJava_whateverPaddingHolds(long opset) throws IOException {
    float[] values = new float[ROWS * WIDTH * SIZE];
    long[] flags = new long[ROWS * WIDTH];
    float[][][] hidden = new float[ROWS][WIDTH][SIZE];
    for (int n = 0; n < values.length; n++) {
      int row = n / (WIDTH * SIZE);
      int slot = n / SIZE % WIDTH;
      boolean real = MASK[row][slot] == 1;
      // Below 0, so that a largest of zeros for padding shows; NaN must not be added.
      values[n] = real ? (float) (Math.sin(n * 1.3) - 2) : Float.NaN;
      hidden[row][slot][n % SIZE] = values[n];
      flags[row * WIDTH + slot] = MASK[row][slot];
    }
    Map<String, RawTensor> feed =
        Map.of(
            "hidden",
            RawTensor.ofFloats(
                FloatTensor.of(Shape.of(ROWS, WIDTH, SIZE), values), ElementType.FLOAT32),
            "mask",
            RawTensor.of(ElementType.INT64, Shape.of(ROWS, WIDTH), TensorBytes.of(flags)));
    Model model = model(opset);
    try (ModelSession session = model.session()) {
      for (Pooling pooling : ALL) {
        Map<String, FloatTensor> run =
            session.run(feed, List.of(pooling.name(), pooling + "_UNIT"));
        float[][] expected = pooling.pool(hidden, MASK);
        for (int row = 0; row < ROWS; row++) {
          double length = 0;
          for (float value : expected[row]) {
            length += value * value;
          }
          for (int d = 0; d < SIZE; d++) {
            String where = pooling + " row " + row + " element " + d + " opset " + opset;
            assertThat(requireNonNull(run.get(pooling.name())).data()[row * SIZE + d])
                .as(where)
                .isCloseTo(expected[row][d], within(1e-6f));
            assertThat((double) requireNonNull(run.get(pooling + "_UNIT")).data()[row * SIZE + d])
                .as(where)
                .isCloseTo(expected[row][d] / Math.sqrt(length), within(1e-6));
          }
        }
      }
    }
  }

  @Test
  void poolingThatCountsPadding_isRefused() {
    GraphBuilder g = new GraphBuilder("none");
    PooledTokens tokens = new PooledTokens(new Nodes(g, 17), 17, "hidden", "real");
    assertThatThrownBy(() -> tokens.by(Pooling.MEAN_OVER_POSITIONS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("counts padding");
  }
}
