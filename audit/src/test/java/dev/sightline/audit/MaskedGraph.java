package dev.sightline.audit;

import dev.sightline.onnx.Model;
import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.onnx.inventory.ModelException;
import dev.sightline.tensor.ElementType;
import java.util.List;
import java.util.Random;

/**
 * A small decoder, two heads, whose layers have the masks that a test writes into the graph. Its
 * inputs are input_ids, attention_mask, token_type_ids and position_ids {@code [B, S]}.
 */
final class MaskedGraph extends GraphBuilder {
  static final int HEADS = 2;
  private static final int SIZE = 8;
  private static final int WORDS = 40;

  private final Random random = new Random(11);
  private final String ids = input("input_ids", ElementType.INT64, "batch", "sequence");
  private final String mask = input("attention_mask", ElementType.INT64, "batch", "sequence");
  private final String types = input("token_type_ids", ElementType.INT64, "batch", "sequence");
  private final String positions = input("position_ids", ElementType.INT64, "batch", "sequence");

  private MaskedGraph() {
    super("masked");
  }

  /** What a layer does with its scores {@code [B, H, S, S]} before the Softmax. */
  @FunctionalInterface
  interface Masking {
    String apply(MaskedGraph g, String scores);
  }

  /** What a layer does with the probabilities. */
  @FunctionalInterface
  interface Weighting {
    String apply(MaskedGraph g, String probabilities);
  }

  static Model of(Masking... layers) throws ModelException {
    return weighted((g, p) -> p, layers);
  }

  static Model weighted(Weighting weighting, Masking... layers) throws ModelException {
    MaskedGraph g = new MaskedGraph();
    String x = g.node("Gather", g.weights("words", WORDS, SIZE), g.ids);
    x = g.node("Add", x, g.node("Gather", g.weights("types", 4, SIZE), g.types));
    x = g.node("Add", x, g.node("Gather", g.weights("positions", 128, SIZE), g.positions));
    for (int layer = 0; layer < layers.length; layer++) {
      String q = g.heads(g.node("MatMul", x, g.weights("q" + layer, SIZE, SIZE)), 0, 2, 1, 3);
      String k = g.heads(g.node("MatMul", x, g.weights("k" + layer, SIZE, SIZE)), 0, 2, 3, 1);
      String v = g.heads(g.node("MatMul", x, g.weights("v" + layer, SIZE, SIZE)), 0, 2, 1, 3);
      // Scores of 50 and more: a head that does not choose a key is no mask.
      String scores = g.node("Mul", g.node("MatMul", q, k), g.scalar(20));
      String weights = weighting.apply(g, g.softmax(layers[layer].apply(g, scores)));
      String context = g.transpose(g.node("MatMul", weights, v), 0, 2, 1, 3);
      x = g.node("Add", x, g.reshape(context, 0, 0, SIZE));
    }
    g.output("last_hidden_state", x, ElementType.FLOAT32, "batch", "sequence", "" + SIZE);
    return Model.parse(g.model(17, "test"), "masked");
  }

  private String weights(String name, int rows, int columns) {
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return floats(name, ElementType.FLOAT32, values, rows, columns);
  }

  private String heads(String x, long... order) {
    return transpose(reshape(x, 0, 0, HEADS, SIZE / HEADS), order);
  }

  String rowPositions() {
    return range(size(ids, 1));
  }

  String query(String perToken) {
    return reshape(perToken, -1, 1);
  }

  String key(String perToken) {
    return reshape(perToken, 1, -1);
  }

  /** Of {@code [B, S]}, by query {@code [B, 1, S, 1]}. */
  String byQuery(String perRow) {
    return reshape(perRow, 0, 1, -1, 1);
  }

  /** Of {@code [B, S]}, by key {@code [B, 1, 1, S]}. */
  String byKey(String perRow) {
    return reshape(perRow, 0, 1, 1, -1);
  }

  String types() {
    return types;
  }

  String positions() {
    return positions;
  }

  String causal() {
    return node("LessOrEqual", key(rowPositions()), query(rowPositions()));
  }

  /** A key is at most {@code left} tokens back. */
  String window(int left) {
    String oldest = node("Sub", query(rowPositions()), longScalar(left));
    return node("GreaterOrEqual", key(rowPositions()), oldest);
  }

  String chunk(int size) {
    String chunks = node("Div", rowPositions(), longScalar(size));
    return node("Equal", query(chunks), key(chunks));
  }

  String isReal() {
    return byKey(cast(mask, ElementType.BOOL));
  }

  String all(List<String> parts) {
    return parts.stream().reduce((a, b) -> node("And", a, b)).orElseThrow();
  }

  String hide(String scores, double fill, String... allowed) {
    return node("Where", all(List.of(allowed)), scores, scalar(fill));
  }
}
