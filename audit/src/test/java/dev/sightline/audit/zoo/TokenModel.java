package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT64;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A stack of layers over token ids {@code [B, S]}: embeddings, attention, outputs. */
final class TokenModel {
  static final int LAYERS = 3;
  static final int VOCABULARY = 64;

  /** Rows of the position table. */
  static final int MAX_TOKENS = 160;

  private final Architecture architecture;
  private final Bug bug;
  private final Pooling pooling;
  private final ZooGraph g;
  private final List<String> present = new ArrayList<>();
  private @Nullable String types;
  private @Nullable Turns turns;

  /** How far rotary positions turn the queries and keys {@code [B, 1, S, E]}. */
  private record Turns(String cosines, String sines) {}

  private TokenModel(Architecture architecture, Bug bug, Pooling pooling) {
    this.architecture = architecture;
    this.bug = bug;
    this.pooling = pooling;
    this.g = new ZooGraph(architecture == Architecture.FP16 ? ElementType.FLOAT16 : FLOAT32);
  }

  static byte[] build(Architecture architecture, Bug bug, Pooling pooling) {
    return new TokenModel(architecture, bug, pooling).build();
  }

  private byte[] build() {
    String ids = g.input("input_ids", INT64, "batch", "sequence");
    boolean past = architecture == Architecture.DECODER_PAST;
    String mask =
        g.input("attention_mask", INT64, "batch", past ? "total_sequence_length" : "sequence");
    if (architecture == Architecture.PREFIX_LM) {
      types = g.input("token_type_ids", INT64, "batch", "sequence");
    }
    String x = g.node("Gather", embeddings(g), ids);
    x = withPositions(x, ids, mask);
    if (bug == Bug.ONE_ROW) {
      x = g.reshape(x, 1, -1, Products.WIDTH);
    }
    String queries = g.range(g.size(ids, 1));
    String keys = queries;
    if (past) {
      String before = g.size(pastInput(0, "key"), 2);
      String total = g.node("Add", before, g.size(ids, 1));
      keys = g.range(total);
      queries = g.node("Range", before, total, g.longScalar(1));
    }
    Masks masks = new Masks(g, architecture, bug, mask);
    List<@Nullable String> biases = new ArrayList<>();
    for (int layer = 0; layer < LAYERS; layer++) {
      biases.add(Fused.takes(architecture) ? masks.keep(layer) : bias(masks, layer, queries, keys));
    }
    x =
        switch (architecture) {
          case IF_BRANCH -> branch(g.input("use_cache_branch", ElementType.BOOL, "1"), x, biases);
          case IF_CONSTANT -> branch(g.boolScalar(false), x, biases);
          default -> layers(g, x, biases);
        };
    outputs(x, mask);
    return g.model(architecture == Architecture.ATTENTION_OP ? 23 : 18);
  }

  static String embeddings(ZooGraph g) {
    return g.weight("embeddings", 0.8, VOCABULARY, Products.WIDTH);
  }

  private String withPositions(String x, String ids, String mask) {
    String given =
        architecture.takesPositionIds() ? g.input("position_ids", INT64, "batch", "sequence") : "";
    String positions =
        switch (bug == Bug.POSITIONS_IGNORED ? withoutInput() : architecture.positions()) {
          case FROM_ROW_START -> g.range(g.size(ids, 1));
          case FROM_IDS -> {
            String real = Masks.notPadding(g, ids);
            yield g.node("Mul", g.node("CumSum", real, g.longScalar(1)), real);
          }
          case INPUT -> given;
          case FROM_MASK -> {
            String counted = g.node("Mul", g.node("CumSum", mask, g.longScalar(1)), mask);
            yield g.node("Add", counted, g.longScalar(1)); // -1 for the first, and 2 kept free
          }
          case ROTARY -> rotary(g.reshape(given, 0, 1, -1, 1));
          case ROTARY_FROM_ROW_START -> rotary(g.reshape(g.range(g.size(ids, 1)), 1, 1, -1, 1));
          case RELATIVE -> "";
        };
    if (positions.isEmpty()) {
      return x;
    }
    String table = g.weight("positions", 0.5, MAX_TOKENS, Products.WIDTH);
    return g.node("Add", x, g.node("Gather", table, positions));
  }

  /** What an export that forgot its positions counts instead. */
  private Architecture.Positions withoutInput() {
    return architecture.positions() == Architecture.Positions.ROTARY
        ? Architecture.Positions.ROTARY_FROM_ROW_START
        : Architecture.Positions.FROM_ROW_START;
  }

  /** Turns queries and keys; nothing is added to the embeddings. */
  private String rotary(String positions) {
    String half = g.node("Mul", g.cast(positions, FLOAT32), g.floats(1, 0.1f));
    String full = g.concat(3, half, half);
    turns = new Turns(g.node("Cos", full), g.node("Sin", full));
    return "";
  }

  private @Nullable String bias(Masks masks, int layer, String queries, String keys) {
    String sum = masks.padding(layer);
    if (architecture.causal()) {
      sum = plus(sum, masks.causal(layer, queries, keys, types));
    }
    if (architecture.positions() == Architecture.Positions.RELATIVE) {
      sum = plus(sum, Masks.byDistance(g, "encoder", queries, keys));
    }
    return sum;
  }

  private @Nullable String plus(@Nullable String a, @Nullable String b) {
    return a == null ? b : b == null ? a : g.node("Add", a, b);
  }

  private String branch(String condition, String x, List<@Nullable String> biases) {
    ZooGraph yes = g.body("then");
    yes.output("then_hidden", layers(yes, x, biases), FLOAT32);
    ZooGraph no = g.body("else");
    no.output("else_hidden", layers(no, x, biases), FLOAT32);
    return g.op("If", condition).with("then_branch", yes).with("else_branch", no).out();
  }

  private String layers(ZooGraph graph, String embedded, List<@Nullable String> biases) {
    String x = embedded;
    for (int layer = 0; layer < LAYERS; layer++) {
      if (architecture == Architecture.QUANTISED) {
        GraphBuilder.Op bytes = graph.op("DynamicQuantizeLinear", x);
        x = graph.node("DequantizeLinear", bytes.out(), bytes.more(), bytes.more());
      }
      if (bug.place() == Bug.Place.OUTSIDE && bug.in(layer)) {
        String axis = graph.longs(bug == Bug.LEAK_OUTSIDE ? 1 : 0);
        x = graph.node("Add", x, graph.node("ReduceMean", x, axis));
      }
      boolean swaps = bug == Bug.SWAPPED_AXES && bug.in(layer);
      String read = swaps ? graph.transpose(x, 1, 0, 2) : x;
      String mixed =
          attention(graph, "layer" + layer, read, layer, swaps ? null : biases.get(layer));
      mixed = swaps ? graph.transpose(mixed, 1, 0, 2) : mixed;
      int width = architecture == Architecture.GROUP_QUERY ? 2 * Products.WIDTH : Products.WIDTH;
      String out = graph.weight("layer" + layer + ".out", width, Products.WIDTH);
      x = graph.node("Tanh", graph.node("Add", x, graph.node("MatMul", mixed, out)));
    }
    return x;
  }

  private String attention(
      ZooGraph graph, String name, String x, int layer, @Nullable String hides) {
    return switch (architecture) {
      case ATTENTION_OP -> Fused.onnx(graph, name, x, hides);
      case MULTI_HEAD -> Fused.multiHead(graph, name, x, hides);
      case MS_ATTENTION -> Fused.microsoft(graph, name, x, index(hides));
      case GROUP_QUERY -> Fused.groupQuery(graph, name, x, hides == null ? "" : hides);
      default -> products(graph, name, x, layer, hides);
    };
  }

  /** Offline fusion gives the operator lengths. */
  private @Nullable String index(@Nullable String keep) {
    if (bug != Bug.LENGTHS_INSTEAD_OF_MASK || keep == null) {
      return keep;
    }
    return g.op("ReduceSum", keep, g.longs(1)).with("keepdims", 0).out();
  }

  private String products(ZooGraph graph, String name, String x, int layer, @Nullable String bias) {
    int kvHeads = architecture == Architecture.GQA ? 2 : Products.HEADS;
    int kvWidth = kvHeads * Products.HEAD;
    String query = heads(graph, name + ".query", x, Products.HEADS);
    String key = heads(graph, name + ".key", x, kvHeads);
    String value =
        Products.heads(graph, Products.project(graph, name + ".value", x, kvWidth), kvHeads);
    if (architecture == Architecture.DECODER_PAST) {
      key = graph.concat(2, pastInput(layer, "key"), key);
      value = graph.concat(2, pastInput(layer, "value"), value);
      present.add(key);
      present.add(value);
    }
    if (kvHeads < Products.HEADS) {
      key = repeated(graph, key);
      value = repeated(graph, value);
    }
    String mixed =
        switch (architecture) {
          case SINKS -> Products.attendWithSinks(graph, name + ".sinks", query, key, value, bias);
          case THREE_D ->
              Products.attendFolded(graph, query, key, value, bias, bug == Bug.WRONG_STRIDE);
          default -> Products.attend(graph, query, key, value, bias);
        };
    return Products.merge(graph, mixed);
  }

  /** Projected, and turned by its position if the architecture does so. */
  private String heads(ZooGraph graph, String name, String x, int heads) {
    String projected =
        Products.heads(graph, Products.project(graph, name, x, heads * Products.HEAD), heads);
    if (turns == null) {
      return projected;
    }
    int half = Products.HEAD / 2;
    String back = graph.node("Neg", graph.slice(projected, 3, half, Products.HEAD));
    String turned = graph.concat(3, back, graph.slice(projected, 3, 0, half));
    return graph.node(
        "Add",
        graph.node("Mul", projected, turns.cosines()),
        graph.node("Mul", turned, turns.sines()));
  }

  /** Each head of keys or values once for every query head that shares it. */
  private static String repeated(ZooGraph graph, String x) {
    String each = graph.node("Unsqueeze", x, graph.longs(2));
    String twice = graph.node("Expand", each, graph.longs(1, 1, 2, 1, 1));
    return graph.reshape(twice, 0, Products.HEADS, -1, Products.HEAD);
  }

  private String pastInput(int layer, String part) {
    String name = "past_key_values." + layer + "." + part;
    return g.inputs().contains(name)
        ? name
        : g.input(name, FLOAT32, "batch", "4", "past_sequence_length", "4");
  }

  private void outputs(String hidden, String mask) {
    if (architecture.causal()) {
      String logits = g.node("MatMul", hidden, g.weight("words", Products.WIDTH, VOCABULARY));
      g.output("logits", logits, FLOAT32, "batch", "sequence", "" + VOCABULARY);
    } else {
      g.output("last_hidden_state", g.cast(hidden, FLOAT32), FLOAT32, "batch", "sequence", "16");
    }
    if (pooling != Pooling.NONE) {
      String pooled = g.cast(pooling.apply(g, hidden, mask), FLOAT32);
      g.output("sentence_embedding", pooled, FLOAT32, "batch", "16");
    }
    for (int i = 0; i < present.size(); i++) {
      g.output(
          "present." + i / 2 + (i % 2 == 0 ? ".key" : ".value"),
          present.get(i),
          FLOAT32,
          "batch",
          "4",
          "total_sequence_length",
          "4");
    }
  }
}
