package dev.sightline.onnx.internal.session;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.sightline.onnx.internal.file.ModelSource;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.internal.model.ParsedModel;
import dev.sightline.onnx.internal.session.RuntimeSession.Use;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SharedWeightsTest {
  private static final int SIZE = 48;

  private static float[] values(int seed) {
    float[] values = new float[SIZE * SIZE];
    for (int i = 0; i < values.length; i++) {
      values[i] = ((i * 37 + seed) % 19 - 9) / 8f;
    }
    return values;
  }

  /** {@code y = x first}; a second weight is read in the body of an If alone, a third by nobody. */
  private static ParsedModel model() throws ModelException {
    GraphBuilder graph = new GraphBuilder("shared");
    String x = graph.input("x", ElementType.FLOAT32, "n", "" + SIZE);
    String first = graph.floats("first", ElementType.FLOAT32, values(1), SIZE, SIZE);
    String second = graph.floats("second", ElementType.FLOAT32, values(5), SIZE, SIZE);
    graph.floats("third", ElementType.FLOAT32, values(9), SIZE, SIZE);
    String y = graph.node("MatMul", x, first);
    GraphBuilder yes = graph.body("yes");
    yes.output("yes_out", yes.node("MatMul", y, second), ElementType.FLOAT32);
    GraphBuilder no = graph.body("no");
    no.output("no_out", no.node("Neg", y), ElementType.FLOAT32);
    String any = graph.op("ReduceMax", x).with("keepdims", 0).out();
    String condition = graph.node("Greater", any, graph.scalar(0));
    String z = graph.op("If", condition).with("then_branch", yes).with("else_branch", no).out();
    graph.output("y", y, ElementType.FLOAT32, "n", "" + SIZE);
    graph.output("z", z, ElementType.FLOAT32, "n", "" + SIZE);
    return ParsedModel.read("shared", new ModelSource.InMemory(graph.model(17, "test")), null);
  }

  private static RawTensor row() {
    float[] x = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      x[i] = (i % 5 - 2) / 4f + 0.1f;
    }
    return RawTensor.ofFloats(FloatTensor.of(Shape.of(1, SIZE), x), ElementType.FLOAT32);
  }

  private static float[] product(float[] x, float[] weight) {
    float[] y = new float[SIZE];
    for (int k = 0; k < SIZE; k++) {
      for (int j = 0; j < SIZE; j++) {
        y[j] += x[k] * weight[k * SIZE + j];
      }
    }
    return y;
  }

  @Test
  void sessionsOfEveryUse_computeWithTheSameWeights() throws ModelException {
    ParsedModel model = model();
    assertThat(model.weights()).containsOnlyKeys("first", "second", "third");
    float[] y = product(row().toFloats().data(), values(1));
    float[] z = product(y, values(5));

    List<RuntimeSession> open = new ArrayList<>();
    for (Use use : Use.values()) {
      open.add(RuntimeSession.start(model, model.proto(), use));
    }
    for (RuntimeSession session : open) {
      Map<String, FloatTensor> run = session.run(Map.of("x", row()), List.of("y", "z"));
      assertThat(requireNonNull(run.get("y")).data())
          .usingComparatorWithPrecision(1e-3f)
          .containsExactly(y);
      assertThat(requireNonNull(run.get("z")).data())
          .usingComparatorWithPrecision(1e-3f)
          .containsExactly(z);
      session.close(); // those that are left go on
    }
  }

  @Test
  void weightsThatNobodyReads_areLeftOut() throws ModelException {
    ParsedModel model = model();

    assertThat(SharedWeights.used(model.proto()).getGraph().getInitializerList())
        .extracting(TensorProto::getName)
        .contains("first", "second")
        .doesNotContain("third");
  }
}
