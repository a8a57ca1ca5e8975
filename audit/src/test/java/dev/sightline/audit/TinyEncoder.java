package dev.sightline.audit;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import dev.sightline.onnx.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
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
    /** Every token also sees the mean over all slots of its row, padding included. */
    SEQUENCE_MEAN,
    /** Every token also sees the mean over the rows of its batch. */
    BATCH_MEAN,
    /** A token sees only itself and those before it. */
    CAUSAL,
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
  private final GraphProto.Builder graph = GraphProto.newBuilder().setName("tiny-encoder");
  private int next;

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
    String x = node("Gather", weight("embeddings", VOCABULARY, WIDTH), "input_ids");
    x = node("Add", x, node("Gather", weight("positions", MAX_TOKENS, WIDTH), positions()));
    for (int layer = 0; layer < layers.size(); layer++) {
      if (traits.contains(Trait.ROUNDED)) {
        x = rounded(x);
      }
      x = node("Add", x, mix(x, layers.get(layer)));
      x = node("Tanh", x);
    }
    if (traits.contains(Trait.SEQUENCE_MEAN)) {
      x = node("Add", x, mean(x, 1));
    }
    if (traits.contains(Trait.BATCH_MEAN)) {
      x = node("Add", x, mean(x, 0));
    }
    graph.addNode(
        NodeProto.newBuilder().setOpType("Identity").addInput(x).addOutput("last_hidden_state"));
    graph.addOutput(
        value("last_hidden_state", TensorProto.DataType.FLOAT_VALUE, "batch", "sequence", "16"));
    return ModelProto.newBuilder()
        .setIrVersion(8)
        .setProducerName("sightline-test")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setVersion(17))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private String mix(String x, Masking masking) {
    if (traits.contains(Trait.NO_ATTENTION)) {
      return node("MatMul", x, weight("w", WIDTH, WIDTH));
    }
    String query = heads(node("MatMul", x, weight("query", WIDTH, WIDTH)));
    String key = heads(node("MatMul", x, weight("key", WIDTH, WIDTH)));
    String value = heads(node("MatMul", x, weight("value", WIDTH, WIDTH)));
    String scores = node("MatMul", query, transpose(key, 0, 1, 3, 2));
    scores = node("Div", scores, scalar(2));
    String bias = bias(masking);
    if (!bias.isEmpty()) {
      scores = node("Add", scores, bias);
    }
    if (traits.contains(Trait.CAUSAL)) {
      scores = node("Add", scores, causalBias());
    }
    String probabilities = with(node("Softmax", scores), "axis", -1);
    String context = transpose(node("MatMul", probabilities, value), 0, 2, 1, 3);
    context = node("Reshape", context, longs(0, 0, WIDTH));
    return node("MatMul", context, weight("out", WIDTH, WIDTH));
  }

  /** {@code [B, S, D]} to {@code [B, H, S, D / H]}. */
  private String heads(String x) {
    return transpose(node("Reshape", x, longs(0, 0, HEADS, WIDTH / HEADS)), 0, 2, 1, 3);
  }

  private String bias(Masking masking) {
    if (traits.contains(Trait.NO_MASK_INPUT) || masking == Masking.CUT) {
      return "";
    }
    String mask = "attention_mask";
    if (masking == Masking.BY_SHAPE_ONLY) {
      mask = node("Expand", longs(1), node("Shape", "attention_mask"));
    }
    String asFloat = with(node("Cast", mask), "to", TensorProto.DataType.FLOAT_VALUE);
    String hidden = node("Mul", node("Sub", scalar(1), asFloat), scalar(fill));
    return node("Reshape", hidden, longs(0, 1, 1, -1));
  }

  private String causalBias() {
    String range = positions();
    String later =
        node("Greater", node("Reshape", range, longs(1, -1)), node("Reshape", range, longs(-1, 1)));
    return node("Where", later, scalar(-10000), scalar(0));
  }

  /** 0, 1, 2, ... as long as the input is wide. */
  private String positions() {
    String width = node("Gather", node("Shape", "input_ids"), longScalar(1));
    return node("Range", longScalar(0), width, longScalar(1));
  }

  private String rounded(String x) {
    String bytes = node("DynamicQuantizeLinear", x);
    graph
        .getNodeBuilder(graph.getNodeCount() - 1)
        .addOutput(bytes + "_scale")
        .addOutput(bytes + "_zero");
    return node("DequantizeLinear", bytes, bytes + "_scale", bytes + "_zero");
  }

  private String mean(String x, int axis) {
    String name = node("ReduceMean", x);
    NodeProto.Builder last = graph.getNodeBuilder(graph.getNodeCount() - 1);
    last.addAttribute(
        AttributeProto.newBuilder()
            .setName("axes")
            .setType(AttributeProto.AttributeType.INTS)
            .addInts(axis));
    return name;
  }

  private String node(String operator, String... inputs) {
    String output = operator.toLowerCase(java.util.Locale.ROOT) + "_" + next++;
    graph.addNode(
        NodeProto.newBuilder()
            .setOpType(operator)
            .setName(output)
            .addAllInput(List.of(inputs))
            .addOutput(output));
    return output;
  }

  private String with(String node, String attribute, long value) {
    graph
        .getNodeBuilder(graph.getNodeCount() - 1)
        .addAttribute(
            AttributeProto.newBuilder()
                .setName(attribute)
                .setType(AttributeProto.AttributeType.INT)
                .setI(value));
    return node;
  }

  private String transpose(String x, long... permutation) {
    String name = node("Transpose", x);
    AttributeProto.Builder perm =
        AttributeProto.newBuilder().setName("perm").setType(AttributeProto.AttributeType.INTS);
    for (long axis : permutation) {
      perm.addInts(axis);
    }
    graph.getNodeBuilder(graph.getNodeCount() - 1).addAttribute(perm);
    return name;
  }

  private String weight(String role, int rows, int columns) {
    TensorProto.Builder tensor =
        TensorProto.newBuilder()
            .setName(role + "_" + next++)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addDims(rows)
            .addDims(columns);
    for (int i = 0; i < rows * columns; i++) {
      tensor.addFloatData((float) (random.nextGaussian() * 0.7));
    }
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private String scalar(float value) {
    TensorProto tensor =
        TensorProto.newBuilder()
            .setName("float_" + next++)
            .setDataType(TensorProto.DataType.FLOAT_VALUE)
            .addFloatData(value)
            .build();
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private String longScalar(long value) {
    return longTensor(List.of(), value);
  }

  private String longs(long... values) {
    return longTensor(List.of((long) values.length), values);
  }

  private String longTensor(List<Long> dims, long... values) {
    ByteBuffer raw = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    raw.asLongBuffer().put(values);
    TensorProto tensor =
        TensorProto.newBuilder()
            .setName("long_" + next++)
            .setDataType(TensorProto.DataType.INT64_VALUE)
            .addAllDims(dims)
            .setRawData(ByteString.copyFrom(raw))
            .build();
    graph.addInitializer(tensor);
    return tensor.getName();
  }

  private void input(String name) {
    graph.addInput(value(name, TensorProto.DataType.INT64_VALUE, "batch", "sequence"));
  }

  private static ValueInfoProto value(String name, int type, String... dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (String dim : dims) {
      boolean fixed = Character.isDigit(dim.charAt(0));
      shape.addDim(
          fixed
              ? TensorShapeProto.Dimension.newBuilder().setDimValue(Long.parseLong(dim))
              : TensorShapeProto.Dimension.newBuilder().setDimParam(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(
            TypeProto.newBuilder()
                .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
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
