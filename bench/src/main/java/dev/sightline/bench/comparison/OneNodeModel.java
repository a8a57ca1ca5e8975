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

  /** The index of each row's last key, which GroupQueryAttention asks for. */
  static final String LAST_KEYS = "seqlens_k";

  /** The number of keys, which it asks for too. */
  static final String TOTAL_KEYS = "total_sequence_length";

  static final String OUTPUT = "output";

  private OneNodeModel() {}

  /** The ONNX operator: {@code [B, H, L, D]}, and a boolean mask {@code [B, 1, Lq, Lk]}. */
  static byte[] attention(boolean causal, boolean masked) {
    GraphBuilder graph = graph(4);
    if (masked) {
      graph.input(MASK, ElementType.BOOL, dims(MASK, 4));
    }
    GraphBuilder.Op node =
        masked
            ? graph.op("Attention", QUERY, KEY, VALUE, MASK)
            : graph.op("Attention", QUERY, KEY, VALUE);
    return model(graph, node.with("is_causal", causal ? 1 : 0), 4);
  }

  /**
   * ONNX Runtime's own operator: {@code [B, L, H * D]}; the mask is none, {@code key_padding_mask
   * [B, Lk]} or {@code attention_bias [B, 1, Lq, Lk]}.
   */
  static byte[] multiHeadAttention(int heads, Workload.Form form) {
    GraphBuilder graph = graph(3);
    GraphBuilder.Op node =
        switch (form) {
          case NONE, CAUSAL_FLAG -> graph.op("MultiHeadAttention", QUERY, KEY, VALUE);
          case KEYS -> {
            graph.input(MASK, ElementType.INT32, dims(MASK, 2));
            yield graph.op("MultiHeadAttention", QUERY, KEY, VALUE, "", MASK);
          }
          case CELLS -> {
            graph.input(MASK, ElementType.FLOAT32, dims(MASK, 4));
            yield graph.op("MultiHeadAttention", QUERY, KEY, VALUE, "", "", MASK);
          }
        };
    node.of(GraphBuilder.MICROSOFT)
        .with("num_heads", heads)
        .with("unidirectional", form == Workload.Form.CAUSAL_FLAG ? 1 : 0);
    return model(graph, node, 3);
  }

  /** ONNX Runtime's causal operator, {@code [B, L, H * D]}. */
  static byte[] groupQueryAttention(int queryHeads, int keyHeads, int window) {
    GraphBuilder graph = graph(3);
    graph.input(LAST_KEYS, ElementType.INT32, dims(LAST_KEYS, 1));
    graph.scalarInput(TOTAL_KEYS, ElementType.INT32);
    GraphBuilder.Op node =
        graph
            .op("GroupQueryAttention", QUERY, KEY, VALUE, "", "", LAST_KEYS, TOTAL_KEYS)
            .of(GraphBuilder.MICROSOFT)
            .with("num_heads", queryHeads)
            .with("kv_num_heads", keyHeads);
    if (window > 0) {
      node.with("local_window_size", window);
    }
    node.outputs(OUTPUT, "present_key", "present_value");
    graph.outputOf(OUTPUT, ElementType.FLOAT32, dims(OUTPUT, 3));
    return graph.model(23, "sightline-bench");
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
