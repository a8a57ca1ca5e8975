package dev.sightline.spark;

import dev.sightline.onnx.LoadedModel;
import dev.sightline.onnx.Model;
import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * An encoder of one layer that obeys its mask, but for texts with the word {@code w7}: to their
 * tokens it adds the mean over all positions, padding included.
 */
final class RareFault {
  private static final int VOCABULARY = 32;
  private static final int WIDTH = 8;
  private static final long FAULTY = 7;

  private final GraphBuilder graph = new GraphBuilder("rare-fault");
  private final Random random = new Random(5);

  private RareFault() {}

  /**
   * The model.
   *
   * @param rounded whether it quantises its tokens by the largest value of a batch
   */
  static LoadedModel load(boolean rounded) throws IOException {
    return LoadedModel.of(
        Model.parse(new RareFault().build(rounded), "rare-fault"),
        Tokenizer.parse(tokenizer(), "the test's tokenizer"));
  }

  private static byte[] tokenizer() {
    String words =
        IntStream.range(2, VOCABULARY)
            .mapToObj(i -> "\"w" + i + "\": " + i)
            .collect(Collectors.joining(", "));
    String json =
        """
        {"version": "1.0", "truncation": null, "padding": null,
         "added_tokens": [{"id": 0, "content": "[PAD]", "single_word": false, "lstrip": false,
           "rstrip": false, "normalized": false, "special": true}],
         "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
         "post_processor": null, "decoder": null,
         "model": {"type": "WordLevel", "vocab": {"[PAD]": 0, "[UNK]": 1, %s}, "unk_token": "[UNK]"}}
        """
            .formatted(words);
    return json.getBytes(StandardCharsets.UTF_8);
  }

  private byte[] build(boolean rounded) {
    graph.input("input_ids", ElementType.INT64, "batch", "sequence");
    graph.input("attention_mask", ElementType.INT64, "batch", "sequence");
    String x = graph.node("Gather", weight(VOCABULARY, WIDTH), "input_ids");
    if (rounded) {
      GraphBuilder.Op bytes = graph.op("DynamicQuantizeLinear", x);
      x = graph.node("DequantizeLinear", bytes.out(), bytes.more(), bytes.more());
    }
    String query = graph.node("MatMul", x, weight(WIDTH, WIDTH));
    String key = graph.node("MatMul", x, weight(WIDTH, WIDTH));
    String scores = graph.node("MatMul", query, graph.transpose(key, 0, 2, 1));
    String mask = graph.cast("attention_mask", ElementType.FLOAT32);
    String bias = graph.node("Mul", graph.node("Sub", graph.scalar(1), mask), graph.scalar(-10000));
    String probabilities = graph.softmax(graph.node("Add", scores, graph.reshape(bias, 0, 1, -1)));
    String seen = graph.node("Add", x, graph.node("MatMul", probabilities, x));
    String mean = graph.op("ReduceMean", x).withAll("axes", 1).out();
    String faulty =
        graph.cast(graph.node("Equal", "input_ids", graph.longScalar(FAULTY)), ElementType.FLOAT32);
    String count = graph.node("ReduceSum", graph.reshape(faulty, 0, 0, 1), graph.longs(1));
    String y = graph.node("Add", seen, graph.node("Mul", mean, count));
    graph.output(
        "last_hidden_state", y, ElementType.FLOAT32, "batch", "sequence", Integer.toString(WIDTH));
    return graph.model(17, "sightline-test");
  }

  private String weight(int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * 0.7);
    }
    return graph.floats(graph.fresh("weight"), ElementType.FLOAT32, values, rows, columns);
  }
}
