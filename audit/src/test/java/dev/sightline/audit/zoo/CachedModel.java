package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.BOOL;
import static dev.sightline.tensor.ElementType.FLOAT16;
import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT32;
import static dev.sightline.tensor.ElementType.INT64;
import static java.util.Objects.requireNonNull;

import dev.sightline.audit.zoo.CacheLayout.KeyValue;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A causal decoder with a cache, right or with one fault that shows in steps alone.
 *
 * @param kind how its cache is laid out, and how it knows positions
 * @param fault what is wrong with it
 */
public record CachedModel(Kind kind, Fault fault) {
  static final int LAYERS = 2;

  /** Cached decoders as exporters write them. */
  public enum Kind {
    /** {@code [B, H, P, D]}, with position_ids. */
    HEADS_FIRST,
    /** {@code [B, P, H, D]}. */
    TOKENS_FIRST,
    /** {@code [P, B, H, D]}. */
    TOKENS_OUTERMOST,
    /** The same, and no axis has a name. */
    OUTERMOST_UNNAMED,
    /** Key and value in one tensor {@code [2, B, H, P, D]}. */
    STACKED,
    /** Keys {@code [B * H, D, P]}, values {@code [B * H, P, D]}. */
    TRANSPOSED,
    /** Axes without names, and tensors that no exporter calls so. */
    OTHER_NAMES,
    /** As the first, and no token sees further back than three others. */
    WINDOW,
    /** Rotary positions that count the positions of the cache. */
    ROTARY,
    /** Learned positions that count the real tokens of the mask. */
    MASK_POSITIONS,
    /** Learned positions that count the positions of the cache: right without left padding. */
    CACHE_POSITIONS,
    /** The cache is read in one branch of an If. */
    MERGED,
    /** A decoder over an encoder whose keys the first run alone makes. */
    CROSS,
    /** Logits of the last token only. */
    LAST_LOGITS,
    /** The inputs of layers are rounded to 8 bits by the batch's range. */
    QUANTISED,
    /** float16 inside and in the cache. */
    HALF,
    /** No mask input. */
    NO_MASK,
    /** ONNX Attention. */
    ONNX_ATTENTION,
    /** com.microsoft MultiHeadAttention. */
    MULTI_HEAD,
    /** com.microsoft Attention, which keeps keys and values in one tensor. */
    MS_ATTENTION,
    /** com.microsoft GroupQueryAttention, whose lengths the graph counts in a mask. */
    GROUP_QUERY,
    /** The same with its lengths as inputs, and without positions. */
    GROUP_QUERY_LENGTHS
  }

  /** What goes wrong in a step. */
  public enum Fault {
    NONE,
    /** The mask is left out where there is one new token. */
    MASK_ONLY_AT_PREFILL,
    /** The same in layer 1. */
    MASK_ONLY_AT_PREFILL_LAYER,
    /** All cached keys count as real. */
    PAST_MASK_OF_ONES,
    /** Positions of the new tokens begin at 0. */
    POSITIONS_FROM_ZERO,
    /** A new token sees as many keys as there are new tokens before it. */
    CAUSAL_BY_STEP,
    /** New keys are put before the cached ones. */
    PAST_AFTER_NEW,
    /** A row reads the cache of another row. */
    OTHER_ROW,
    /** Every row is as long as the longest. */
    WRONG_LENGTHS,
    /** The positions of a step are beyond the table, so that none runs. */
    STEPS_REFUSED
  }

  /** Such as {@code heads-first} or {@code rotary/positions-from-zero}. */
  public String name() {
    String name = lower(kind);
    return fault == Fault.NONE ? name : name + "/" + lower(fault);
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  @Override
  public String toString() {
    return name();
  }

  /** The model as an ONNX file, the same at every call. */
  public byte[] bytes() {
    return new Writer(this).write();
  }

  /** Writes one model. */
  private static final class Writer {
    private final Kind kind;
    private final Fault fault;
    private final ZooGraph g;
    private final CacheLayout layout;
    private final String ids;
    private final @Nullable String mask;
    private final String past;
    private final String fresh;
    private final String total;

    Writer(CachedModel model) {
      kind = model.kind;
      fault = model.fault;
      g = new ZooGraph(kind == Kind.HALF ? FLOAT16 : FLOAT32);
      String length = kind == Kind.OTHER_NAMES ? "?" : "sequence";
      ids = g.input("input_ids", INT64, kind == Kind.OTHER_NAMES ? "?" : "batch", length);
      boolean lengths = kind == Kind.GROUP_QUERY_LENGTHS;
      String all = kind == Kind.OTHER_NAMES ? "?" : "total_sequence";
      mask =
          kind == Kind.NO_MASK || lengths
              ? null
              : g.input("attention_mask", INT64, kind == Kind.OTHER_NAMES ? "?" : "batch", all);
      layout = new CacheLayout(g, kind, ids);
      past = layout.length();
      fresh = g.size(ids, 1);
      total = g.node("Add", past, fresh);
    }

    byte[] write() {
      String x = g.node("Gather", TokenModel.embeddings(g), ids);
      x = withPositions(x);
      String context =
          kind == Kind.CROSS
              ? g.input("encoder_hidden_states", FLOAT32, "batch", "encoder_sequence", "16")
              : "";
      for (int layer = 0; layer < LAYERS; layer++) {
        if (kind == Kind.QUANTISED) {
          var bytes = g.op("DynamicQuantizeLinear", x);
          x = g.node("DequantizeLinear", bytes.out(), bytes.more(), bytes.more());
        }
        x = mixed(x, attention("layer" + layer, x, layer), "layer" + layer);
        if (kind == Kind.CROSS) {
          x = mixed(x, cross("cross" + layer, x, context, layer), "cross" + layer);
        }
      }
      if (kind == Kind.LAST_LOGITS) {
        x = g.slice(x, 1, -1, Long.MAX_VALUE);
      }
      String words = g.weight("words", Products.WIDTH, TokenModel.VOCABULARY);
      String logits = g.cast(g.node("MatMul", x, words), FLOAT32);
      g.output(
          "logits", logits, FLOAT32, "batch", kind == Kind.LAST_LOGITS ? "1" : "sequence", "64");
      layout.outputs();
      return g.model(kind == Kind.ONNX_ATTENTION ? 23 : 18);
    }

    private String mixed(String x, String attended, String name) {
      boolean wide = kind == Kind.GROUP_QUERY || kind == Kind.GROUP_QUERY_LENGTHS;
      int width = wide ? 2 * Products.WIDTH : Products.WIDTH;
      String out = g.weight(name + ".out", width, Products.WIDTH);
      return g.node("Tanh", g.node("Add", x, g.node("MatMul", attended, out)));
    }

    private String withPositions(String x) {
      boolean fromZero = fault == Fault.POSITIONS_FROM_ZERO;
      String inCache = fromZero ? g.range(fresh) : g.node("Range", past, total, g.longScalar(1));
      String positions =
          switch (kind) {
            case ROTARY, NO_MASK, CACHE_POSITIONS, GROUP_QUERY_LENGTHS, CROSS -> inCache;
            case MASK_POSITIONS, GROUP_QUERY -> {
              if (fromZero) {
                yield inCache;
              }
              String counted = g.node("CumSum", requireNonNull(mask), g.longScalar(1));
              String all = g.node("Max", g.node("Sub", counted, g.longs(1)), g.longs(0));
              String first = g.node("Unsqueeze", past, g.longs(0));
              yield g.node("Slice", all, first, g.longs(Long.MAX_VALUE), g.longs(1));
            }
            default -> {
              String given = g.input("position_ids", INT64, "batch", "sequence");
              yield fromZero ? g.node("Max", g.node("Sub", given, past), g.longs(0)) : given;
            }
          };
      if (fault == Fault.STEPS_REFUSED) {
        String none = g.node("Min", past, g.longScalar(1));
        positions = g.node("Add", positions, g.node("Mul", none, g.longScalar(1000)));
      }
      String table = g.weight("positions", 0.5, TokenModel.MAX_TOKENS, Products.WIDTH);
      if (kind == Kind.ROTARY || kind == Kind.GROUP_QUERY_LENGTHS) {
        return x;
      }
      return g.node("Add", x, g.node("Gather", table, positions));
    }

    private String attention(String name, String x, int layer) {
      return switch (kind) {
        case GROUP_QUERY, GROUP_QUERY_LENGTHS -> groupQuery(name, x, layer);
        case MS_ATTENTION -> microsoft(name, x, layer);
        case MULTI_HEAD -> multiHead(name, x, layer);
        default -> products(name, x, layer);
      };
    }

    private String products(String name, String x, int layer) {
      String query = turned(Products.heads(g, project(name, "query", x), Products.HEADS));
      String key = turned(Products.heads(g, project(name, "key", x), Products.HEADS));
      String value = Products.heads(g, project(name, "value", x), Products.HEADS);
      if (kind == Kind.ONNX_ATTENTION) {
        KeyValue before = layout.past(layer);
        var node = g.op("Attention", query, key, value, bias(layer), before.key(), before.value());
        String out = node.out();
        layout.present(layer, new KeyValue(node.more(), node.more()));
        return Products.merge(g, out);
      }
      KeyValue all = layout.joined(layer, key, value, fault);
      return Products.merge(g, Products.attend(g, query, all.key(), all.value(), bias(layer)));
    }

    private String project(String name, String part, String x) {
      return Products.project(g, name + "." + part, x, Products.WIDTH);
    }

    /** Turned by the position in the cache, if positions are rotary. */
    private String turned(String heads) {
      if (kind != Kind.ROTARY) {
        return heads;
      }
      boolean fromZero = fault == Fault.POSITIONS_FROM_ZERO;
      String inCache = fromZero ? g.range(fresh) : g.node("Range", past, total, g.longScalar(1));
      String angles =
          g.node("Mul", g.cast(g.reshape(inCache, 1, 1, -1, 1), FLOAT32), g.floats(1, 0.1f));
      String full = g.concat(3, angles, angles);
      int half = Products.HEAD / 2;
      String back = g.node("Neg", g.slice(heads, 3, half, Products.HEAD));
      String turned = g.concat(3, back, g.slice(heads, 3, 0, half));
      return g.node(
          "Add",
          g.node("Mul", heads, g.node("Cos", full)),
          g.node("Mul", turned, g.node("Sin", full)));
    }

    /** What is added to the scores {@code [B, 1, S, T]}. */
    private String bias(int layer) {
      String first = fault == Fault.CAUSAL_BY_STEP ? g.longScalar(0) : past;
      String queries =
          g.reshape(g.node("Range", first, g.node("Add", first, fresh), g.longScalar(1)), -1, 1);
      String keys = g.reshape(g.range(total), 1, -1);
      String allowed = g.node("LessOrEqual", keys, queries);
      if (kind == Kind.WINDOW) {
        String beyond = g.node("Sub", queries, g.longScalar(4));
        allowed = g.node("And", allowed, g.node("Greater", keys, beyond));
      }
      String causal = hidden(allowed);
      if (mask == null) {
        return g.node("Unsqueeze", causal, g.longs(0, 1));
      }
      String keep = mask;
      if (fault == Fault.PAST_MASK_OF_ONES) {
        String cached = g.node("Unsqueeze", past, g.longs(0));
        String rest = g.node("Slice", mask, cached, g.longs(Long.MAX_VALUE), g.longs(1));
        String ones = g.node("Slice", mask, g.longs(0), cached, g.longs(1));
        keep = g.concat(1, g.node("Max", ones, g.longs(1)), rest);
      }
      String padding = hidden(g.cast(g.reshape(keep, 0, 1, 1, -1), BOOL));
      boolean prefillOnly =
          fault == Fault.MASK_ONLY_AT_PREFILL
              || (fault == Fault.MASK_ONLY_AT_PREFILL_LAYER && layer == 1);
      if (prefillOnly) {
        String several = g.node("Greater", fresh, g.longScalar(1));
        padding = g.node("Where", several, padding, g.scalar(0));
      }
      return g.node("Add", causal, padding);
    }

    private String hidden(String allowed) {
      return g.node("Where", allowed, g.scalar(0), g.scalar(-10000));
    }

    private String multiHead(String name, String x, int layer) {
      KeyValue before = layout.past(layer);
      var node =
          g.op(
                  "MultiHeadAttention",
                  project(name, "query", x),
                  project(name, "key", x),
                  project(name, "value", x),
                  "",
                  "",
                  bias(layer),
                  before.key(),
                  before.value())
              .of(ZooGraph.MICROSOFT)
              .with("num_heads", Products.HEADS);
      layout.present(layer, new KeyValue(node.more(), node.more()));
      return node.out();
    }

    private String microsoft(String name, String x, int layer) {
      String weights = g.weight(name + ".projections", Products.WIDTH, 3 * Products.WIDTH);
      String projectionBias = g.weight(name + ".bias", 3 * Products.WIDTH);
      String keep = requireNonNull(mask);
      if (fault == Fault.PAST_MASK_OF_ONES) {
        keep = g.node("Max", keep, g.longs(1));
      }
      var node =
          g.op(
                  "Attention",
                  x,
                  weights,
                  projectionBias,
                  g.cast(keep, INT32),
                  layout.stackedPast(layer))
              .of(ZooGraph.MICROSOFT)
              .with("num_heads", Products.HEADS)
              .with("unidirectional", 1);
      layout.stackedPresent(layer, node.more());
      return node.out();
    }

    private String groupQuery(String name, String x, int layer) {
      String query = Products.project(g, name + ".query", x, 2 * Products.WIDTH);
      String key = Products.project(g, name + ".key", x, Products.WIDTH);
      String value = Products.project(g, name + ".value", x, Products.WIDTH);
      KeyValue before = layout.past(layer);
      var node =
          g.op(
                  "GroupQueryAttention",
                  query,
                  key,
                  value,
                  before.key(),
                  before.value(),
                  lastKeys(),
                  totalLength())
              .of(ZooGraph.MICROSOFT)
              .with("num_heads", Products.HEADS)
              .with("kv_num_heads", 2);
      layout.present(layer, new KeyValue(node.more(), node.more()));
      return node.out();
    }

    private String lastKeys() {
      if (mask == null) {
        return g.inputs().contains("seqlens_k")
            ? "seqlens_k"
            : g.input("seqlens_k", INT32, "batch");
      }
      String keep = fault == Fault.WRONG_LENGTHS ? g.node("Max", mask, g.longs(1)) : mask;
      String lengths = g.op("ReduceSum", keep, g.longs(1)).with("keepdims", 0).out();
      return g.cast(g.node("Sub", lengths, g.longScalar(1)), INT32);
    }

    private String totalLength() {
      if (mask == null) {
        return g.inputs().contains("total_sequence_length")
            ? "total_sequence_length"
            : g.input("total_sequence_length", INT32, "1");
      }
      return g.cast(g.size(mask, 1), INT32);
    }

    /** Keys and values of the encoder, made by the first run and handed on by the others. */
    private String cross(String name, String x, String context, int layer) {
      String key = Products.heads(g, project(name, "key", context), Products.HEADS);
      String value = Products.heads(g, project(name, "value", context), Products.HEADS);
      KeyValue kept = layout.kept(layer, key, value);
      String query = Products.heads(g, project(name, "query", x), Products.HEADS);
      return Products.merge(g, Products.attend(g, query, kept.key(), kept.value(), null));
    }
  }
}
