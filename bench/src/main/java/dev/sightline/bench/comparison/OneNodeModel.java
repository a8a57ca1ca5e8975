package dev.sightline.bench.comparison;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.Arrays;

/** An ONNX model of one attention node. */
final class OneNodeModel {
  static final String QUERY = "query";
  static final String KEY = "key";
  static final String VALUE = "value";
  static final String MASK = "mask";
  static final String OUTPUT = "output";

  private OneNodeModel() {}

  /** The ONNX operator: {@code [B, H, L, D]}, and a boolean mask {@code [Lq, Lk]} if asked for. */
  static byte[] attention(boolean causal, boolean masked) {
    GraphBuilder graph = graph(4);
    if (masked) {
      graph.input(MASK, ElementType.BOOL, dims(MASK, 2));
    }
    GraphBuilder.Op node =
        masked
            ? graph.op("Attention", QUERY, KEY, VALUE, MASK)
            : graph.op("Attention", QUERY, KEY, VALUE);
    return model(graph, node.with("is_causal", causal ? 1 : 0), 4);
  }

  /** ONNX Runtime's own operator: {@code [B, L, H * D]}. */
  static byte[] multiHeadAttention(int heads, boolean causal) {
    GraphBuilder graph = graph(3);
    GraphBuilder.Op node =
        graph
            .op("MultiHeadAttention", QUERY, KEY, VALUE)
            .of(GraphBuilder.MICROSOFT)
            .with("num_heads", heads)
            .with("unidirectional", causal ? 1 : 0);
    return model(graph, node, 3);
  }

  private static GraphBuilder graph(int rank) {
    GraphBuilder graph = new GraphBuilder("attention");
    for (String name : new String[] {QUERY, KEY, VALUE}) {
      graph.input(name, ElementType.FLOAT32, dims(name, rank));
    }
    return graph;
  }

  private static byte[] model(GraphBuilder graph, GraphBuilder.Op node, int rank) {
    node.named(OUTPUT);
    graph.outputOf(OUTPUT, ElementType.FLOAT32, dims(OUTPUT, rank));
    return graph.model(23, "sightline-bench");
  }

  private static String[] dims(String name, int rank) {
    String[] dims = new String[rank];
    Arrays.setAll(dims, axis -> name + axis);
    return dims;
  }
}
