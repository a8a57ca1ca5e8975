package dev.sightline.audit;

import dev.sightline.onnx.Tokenizer;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Builds a transformer encoder as an ONNX file, correct or with a fault of one's choice: 32 words,
 * width 16, 4 heads, residual connections, random weights sharp enough that a wrong mask shows.
 */
public final class TinyEncoder {
  static final int VOCABULARY = 32;
  static final int HEADS = 4;
  private static final int WIDTH = 16;
  private static final int MAX_TOKENS = 40;

  /** What may be wrong, or different, about the encoder. */
  public enum Trait {
    /** The graph has no mask input at all. */
    NO_MASK_INPUT,
    /** Tokens are mixed by no attention: only a product for each token. */
    NO_ATTENTION,
    /** Every token also sees the mean over all positions of its row, padding included. */
    SEQUENCE_MEAN,
    /** Every token also sees the mean over the rows of its batch. */
    BATCH_MEAN,
    /** The results are multiplied by a number that grows with the rows of the batch. */
    ROW_COUNT,
    /** A token sees only itself and those before it. */
    CAUSAL,
    /** Causal where its mask hides anything, and nowhere else. */
    CAUSAL_IF_PADDED,
    /** Tokens have no positions. */
    NO_POSITIONS,
    /** The one output is the vector in the first position. */
    FIRST_POSITION_ONLY,
    /** The one output is the vector in the last position. */
    LAST_POSITION_ONLY,
    /** Every token also sees the mean of the embeddings of all ids but that of padding, 0. */
    PAD_ID_MEAN,
    /** Each layer's input is rounded to 8 bits by the largest value of the whole batch. */
    ROUNDED
  }

  /** How a layer treats the mask. */
  public enum Masking {
    BY_VALUE,
    CUT,
    BY_SHAPE_ONLY
  }

  private final List<Masking> layers;
  private final Set<Trait> traits;
  private final float fill;
  private final Random random = new Random(7);
  private final GraphBuilder graph = new GraphBuilder("tiny-encoder");

  private TinyEncoder(List<Masking> layers, float fill, Trait... traits) {
    this.layers = layers;
    this.fill = fill;
    this.traits = EnumSet.noneOf(Trait.class);
    this.traits.addAll(Arrays.asList(traits));
  }

  /** Two layers that both obey the mask. */
  public static byte[] correct(Trait... traits) {
    return new TinyEncoder(List.of(Masking.BY_VALUE, Masking.BY_VALUE), -10000, traits).build();
  }

  static byte[] withLayers(Masking... layers) {
    return new TinyEncoder(List.of(layers), -10000).build();
  }

  static byte[] withFill(float fill, Trait... traits) {
    return new TinyEncoder(List.of(Masking.BY_VALUE, Masking.BY_VALUE), fill, traits).build();
  }

  /** Words {@code w2} to {@code w31}; padding is 0, unknown words are 1. */
  static Tokenizer tokenizer() throws IOException {
    return Tokenizer.parse(tokenizerJson(), "the test's tokenizer");
  }

  static byte[] tokenizerJson() {
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

  private byte[] build() {
    input("input_ids");
    if (!traits.contains(Trait.NO_MASK_INPUT)) {
      input("attention_mask");
    }
    String x = graph.node("Gather", weight("embeddings", VOCABULARY, WIDTH), "input_ids");
    String embeddings = x;
    if (!traits.contains(Trait.NO_POSITIONS)) {
      x =
          graph.node(
              "Add", x, graph.node("Gather", weight("positions", MAX_TOKENS, WIDTH), positions()));
    }
    for (int layer = 0; layer < layers.size(); layer++) {
      if (traits.contains(Trait.ROUNDED)) {
        x = rounded(x);
      }
      x = graph.node("Add", x, mix(x, layers.get(layer)));
      x = graph.node("Tanh", x);
    }
    if (traits.contains(Trait.SEQUENCE_MEAN)) {
      x = graph.node("Add", x, mean(x, 1));
    }
    if (traits.contains(Trait.BATCH_MEAN)) {
      x = graph.node("Add", x, mean(x, 0));
    }
    if (traits.contains(Trait.ROW_COUNT)) {
      String rows = graph.cast(graph.size("input_ids", 0), ElementType.FLOAT32);
      x = graph.node("Mul", x, graph.node("Add", graph.scalar(10), rows));
    }
    if (traits.contains(Trait.PAD_ID_MEAN)) {
      x = graph.node("Add", x, meanByIds(embeddings));
    }
    if (traits.contains(Trait.FIRST_POSITION_ONLY) || traits.contains(Trait.LAST_POSITION_ONLY)) {
      long position = traits.contains(Trait.FIRST_POSITION_ONLY) ? 0 : -1;
      String pooled = graph.op("Gather", x, graph.longScalar(position)).with("axis", 1).out();
      graph.output("sentence_embedding", pooled, ElementType.FLOAT32, "batch", "16");
      return graph.model(17, "sightline-test");
    }
    graph.output("last_hidden_state", x, ElementType.FLOAT32, "batch", "sequence", "16");
    return graph.model(17, "sightline-test");
  }

  private String mix(String x, Masking masking) {
    if (traits.contains(Trait.NO_ATTENTION)) {
      return graph.node("MatMul", x, weight("w", WIDTH, WIDTH));
    }
    String query = heads(graph.node("MatMul", x, weight("query", WIDTH, WIDTH)));
    String key = heads(graph.node("MatMul", x, weight("key", WIDTH, WIDTH)));
    String value = heads(graph.node("MatMul", x, weight("value", WIDTH, WIDTH)));
    String scores = graph.node("MatMul", query, graph.transpose(key, 0, 1, 3, 2));
    scores = graph.node("Div", scores, graph.scalar(2));
    String bias = bias(masking);
    if (!bias.isEmpty()) {
      scores = graph.node("Add", scores, bias);
    }
    if (traits.contains(Trait.CAUSAL)) {
      scores = graph.node("Add", scores, causalBias());
    }
    if (traits.contains(Trait.CAUSAL_IF_PADDED)) {
      String anyHidden =
          graph.node(
              "Sub",
              graph.longScalar(1),
              graph.op("ReduceMin", "attention_mask").with("keepdims", 0).out());
      String factor = graph.cast(anyHidden, ElementType.FLOAT32);
      scores = graph.node("Add", scores, graph.node("Mul", causalBias(), factor));
    }
    String probabilities = graph.softmax(scores);
    String context = graph.transpose(graph.node("MatMul", probabilities, value), 0, 2, 1, 3);
    context = graph.reshape(context, 0, 0, WIDTH);
    return graph.node("MatMul", context, weight("out", WIDTH, WIDTH));
  }

  /** {@code [B, S, D]} to {@code [B, H, S, D / H]}. */
  private String heads(String x) {
    return graph.transpose(graph.reshape(x, 0, 0, HEADS, WIDTH / HEADS), 0, 2, 1, 3);
  }

  private String bias(Masking masking) {
    if (traits.contains(Trait.NO_MASK_INPUT) || masking == Masking.CUT) {
      return "";
    }
    String mask = "attention_mask";
    if (masking == Masking.BY_SHAPE_ONLY) {
      mask = graph.node("Expand", graph.longs(1), graph.node("Shape", "attention_mask"));
    }
    String asFloat = graph.cast(mask, ElementType.FLOAT32);
    String hidden =
        graph.node("Mul", graph.node("Sub", graph.scalar(1), asFloat), graph.scalar(fill));
    return graph.reshape(hidden, 0, 1, 1, -1);
  }

  private String causalBias() {
    String range = positions();
    String later = graph.node("Greater", graph.reshape(range, 1, -1), graph.reshape(range, -1, 1));
    return graph.node("Where", later, graph.scalar(-10000), graph.scalar(0));
  }

  /** 0, 1, 2, ... as long as the input is wide. */
  private String positions() {
    return graph.range(graph.size("input_ids", 1));
  }

  private String rounded(String x) {
    GraphBuilder.Op bytes = graph.op("DynamicQuantizeLinear", x);
    return graph.node("DequantizeLinear", bytes.out(), bytes.more(), bytes.more());
  }

  private String mean(String x, int axis) {
    return graph.op("ReduceMean", x).withAll("axes", axis).out();
  }

  private String meanByIds(String embeddings) {
    String isToken =
        graph.cast(
            graph.node("Not", graph.node("Equal", "input_ids", graph.longScalar(0))),
            ElementType.FLOAT32);
    String weights = graph.reshape(isToken, 0, 0, 1);
    String sum = sumOfPositions(graph.node("Mul", embeddings, weights));
    return graph.node("Div", sum, sumOfPositions(weights));
  }

  private String sumOfPositions(String x) {
    return graph.node("ReduceSum", x, graph.longs(1));
  }

  private String weight(String role, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * 0.7);
    }
    return graph.floats(graph.fresh(role), ElementType.FLOAT32, values, rows, columns);
  }

  private void input(String name) {
    graph.input(name, ElementType.INT64, "batch", "sequence");
  }

  /** Distinguishable texts of 3, 7, 1 and 12 words. */
  static List<String> texts() {
    List<String> texts = new ArrayList<>();
    int word = 2;
    for (int length : new int[] {3, 7, 1, 12}) {
      List<String> words = new ArrayList<>();
      for (int i = 0; i < length; i++) {
        words.add("w" + word);
        word = word == VOCABULARY - 1 ? 2 : word + 1;
      }
      texts.add(String.join(" ", words));
    }
    return Collections.unmodifiableList(texts);
  }
}
