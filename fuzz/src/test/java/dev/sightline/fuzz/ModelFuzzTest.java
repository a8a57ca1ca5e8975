package dev.sightline.fuzz;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sightline.audit.Audit;
import dev.sightline.audit.result.AuditResult;
import dev.sightline.data.RandomTokens;
import dev.sightline.data.internal.batch.ModelExperiments;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.report.AuditReport;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** Models: refused, or audited and reported. */
@DisabledOnOs(OS.WINDOWS)
class ModelFuzzTest {
  private static final int LONGEST_MESSAGE = 3000;

  @Test
  void graphs() throws Exception {
    Forked.run("model", Graphs.class);
  }

  /** The target, in its own process. */
  static final class Graphs implements Target {
    private static final int WIDTH = 8;
    private static final int VOCABULARY = 32;
    private final ModelProto model = parsed();

    private static ModelProto parsed() {
      try {
        return ModelProto.parseFrom(encoder());
      } catch (InvalidProtocolBufferException e) {
        throw new IllegalStateException("the model to begin with cannot be read", e);
      }
    }

    /** Two layers of attention with two heads, and a mask for padding. */
    private static byte[] encoder() {
      GraphBuilder g = new GraphBuilder("fuzz");
      Random random = new Random(1);
      String ids = g.input("input_ids", ElementType.INT64, "batch", "sequence");
      String mask = g.input("attention_mask", ElementType.INT64, "batch", "sequence");
      String hidden = g.node("Sub", g.scalar(1), g.cast(mask, ElementType.FLOAT32));
      String bias = g.reshape(g.node("Mul", hidden, g.scalar(-1e4)), 0, 1, 1, -1);
      String x = g.node("Gather", weight(g, "words", random, VOCABULARY, WIDTH), ids);
      for (int layer = 0; layer < 2; layer++) {
        String name = "layer" + layer + ".";
        String query = heads(g, g.node("MatMul", x, weight(g, name + "q", random, WIDTH, WIDTH)));
        String key = heads(g, g.node("MatMul", x, weight(g, name + "k", random, WIDTH, WIDTH)));
        String value = heads(g, g.node("MatMul", x, weight(g, name + "v", random, WIDTH, WIDTH)));
        String scores = g.node("MatMul", query, g.transpose(key, 0, 1, 3, 2));
        scores = g.node("Add", g.node("Mul", scores, g.scalar(0.5)), bias);
        String mixed = g.transpose(g.node("MatMul", g.softmax(scores), value), 0, 2, 1, 3);
        x = g.node("Tanh", g.node("Add", x, g.reshape(mixed, 0, 0, WIDTH)));
      }
      g.output("last_hidden_state", x, ElementType.FLOAT32, "batch", "sequence", "8");
      return g.model(17, "sightline-fuzz");
    }

    private static String heads(GraphBuilder g, String x) {
      return g.transpose(g.reshape(x, 0, 0, 2, WIDTH / 2), 0, 2, 1, 3);
    }

    private static String weight(
        GraphBuilder g, String name, Random random, int rows, int columns) {
      float[] values = new float[rows * columns];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      return g.floats(name, ElementType.FLOAT32, values, rows, columns);
    }

    @Override
    public byte[] make(Random random) {
      return random.nextInt(6) == 0
          ? Mutations.of(model.toByteArray(), List.of("\u0000", "\u00ff"), random)
          : ModelMutations.of(model, random);
    }

    @Override
    public String file(byte[] input) {
      return "model.onnx";
    }

    @Override
    public String run(byte[] input) throws IOException {
      try {
        Model read = Model.parse(input, "model.onnx");
        Model resolved = ModelExperiments.resolve(read, 0, Optional.empty());
        RandomTokens tokens = new RandomTokens(resolved, 0, 1);
        AuditResult result = Audit.of(resolved).padId(0).samples(tokens.samples(2)).run();
        AuditReport report = AuditReport.of(result, "fuzz");
        report.json();
        report.html();
        report.junit();
        return result.conclusion().outcome().name().toLowerCase(Locale.ROOT);
      } catch (IOException e) {
        Fuzzing.requireShort(e, LONGEST_MESSAGE);
        return "refused";
      } catch (OutOfMemoryError e) {
        // A file of a few bytes may declare inputs of any size; a command ends with one line then.
        return "out of heap";
      }
    }
  }
}
