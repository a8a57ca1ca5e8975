package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.BOOL;

import dev.sightline.audit.zoo.CachedModel.Fault;
import dev.sightline.audit.zoo.CachedModel.Kind;
import dev.sightline.tensor.ElementType;
import java.util.LinkedHashMap;
import java.util.Map;

/** The cache inputs and outputs of a model of the zoo, whatever their axes. */
final class CacheLayout {
  private static final String[] NO_OUTPUTS = {};

  private final ZooGraph g;
  private final Kind kind;
  private final String ids;
  private final Map<String, String> presents = new LinkedHashMap<>();

  CacheLayout(ZooGraph g, Kind kind, String ids) {
    this.g = g;
    this.kind = kind;
    this.ids = ids;
  }

  /** Keys and values, {@code [B, H, L, D]} unless they are what the model is fed. */
  record KeyValue(String key, String value) {}

  private boolean isGrouped() {
    return kind == Kind.GROUP_QUERY || kind == Kind.GROUP_QUERY_LENGTHS;
  }

  private boolean isStacked() {
    return kind == Kind.STACKED || kind == Kind.MS_ATTENTION;
  }

  /** The number of cached tokens, a scalar. */
  String length() {
    return switch (kind) {
      case TOKENS_FIRST -> g.size(input(0, "key"), 1);
      case TOKENS_OUTERMOST, OUTERMOST_UNNAMED -> g.size(input(0, "key"), 0);
      case STACKED, MS_ATTENTION -> g.size(stackedPast(0), 3);
      default -> g.size(input(0, "key"), 2);
    };
  }

  private String name(int layer, String part) {
    return switch (kind) {
      case OTHER_NAMES -> part.charAt(0) + "_cache_" + layer;
      case CROSS -> "past_key_values." + layer + ".decoder." + part;
      case MULTI_HEAD -> "past_" + part + "_" + layer;
      default -> "past_key_values." + layer + "." + part;
    };
  }

  private String input(int layer, String part) {
    String name = name(layer, part);
    if (g.inputs().contains(name)) {
      return name;
    }
    ElementType type = g.floatType();
    if (isGrouped()) {
      return g.input(name, type, "batch", "2", "past_sequence_length", "8");
    }
    boolean isKey = part.equals("key");
    return switch (kind) {
      case TOKENS_FIRST -> g.input(name, type, "batch", "past_sequence_length", "4", "4");
      case OUTERMOST_UNNAMED -> g.input(name, type, "?", "?", "4", "4");
      case TOKENS_OUTERMOST -> g.input(name, type, "past_sequence_length", "batch", "4", "4");
      case TRANSPOSED ->
          isKey
              ? g.input(name, type, "batch_size x num_heads", "4", "past_sequence_length")
              : g.input(name, type, "batch_size x num_heads", "past_sequence_length", "4");
      case OTHER_NAMES -> g.input(name, type, "?", "4", "?", "4");
      default -> g.input(name, type, "batch", "4", "past_sequence_length", "4");
    };
  }

  /** Two inputs as they are fed. */
  KeyValue past(int layer) {
    return new KeyValue(input(layer, "key"), input(layer, "value"));
  }

  /** One input of keys and values {@code [2, B, H, P, D]}. */
  String stackedPast(int layer) {
    String name = "past_" + layer;
    return g.inputs().contains(name)
        ? name
        : g.input(name, g.floatType(), "2", "batch", "4", "past_sequence_length", "4");
  }

  void stackedPresent(int layer, String present) {
    presents.put("present_" + layer, present);
  }

  void present(int layer, KeyValue present) {
    presents.put(output(layer, "key"), present.key());
    presents.put(output(layer, "value"), present.value());
  }

  private String output(int layer, String part) {
    return switch (kind) {
      case OTHER_NAMES -> "updated_" + part.charAt(0) + "_" + layer;
      case CROSS -> "present." + layer + ".decoder." + part;
      case MULTI_HEAD -> "present_" + part + "_" + layer;
      default -> "present." + layer + "." + part;
    };
  }

  /** Cached and new keys and values {@code [B, H, T, D]}, which are handed on too. */
  KeyValue joined(int layer, String key, String value, Fault fault) {
    KeyValue before = isStacked() ? unstacked(layer) : past(layer);
    if (fault == Fault.OTHER_ROW) {
      before = new KeyValue(otherRow(before.key()), otherRow(before.value()));
    }
    boolean newFirst = fault == Fault.PAST_AFTER_NEW;
    KeyValue all =
        new KeyValue(
            after(before.key(), stored(key, true), axis(true), newFirst),
            after(before.value(), stored(value, false), axis(false), newFirst));
    if (isStacked()) {
      String stacked =
          g.concat(
              0,
              g.node("Unsqueeze", all.key(), g.longs(0)),
              g.node("Unsqueeze", all.value(), g.longs(0)));
      stackedPresent(layer, stacked);
    } else {
      present(layer, all);
    }
    return new KeyValue(headsFirst(all.key(), true), headsFirst(all.value(), false));
  }

  private KeyValue unstacked(int layer) {
    String both = stackedPast(layer);
    return new KeyValue(
        g.node("Gather", both, g.longScalar(0)), g.node("Gather", both, g.longScalar(1)));
  }

  private String otherRow(String cache) {
    int axis = kind == Kind.TOKENS_OUTERMOST || kind == Kind.OUTERMOST_UNNAMED ? 1 : 0;
    return g.node("Slice", cache, g.longs(-1), g.longs(Long.MIN_VALUE), g.longs(axis), g.longs(-1));
  }

  private String after(String before, String fresh, int axis, boolean newFirst) {
    String joined = newFirst ? g.concat(axis, fresh, before) : g.concat(axis, before, fresh);
    if (kind != Kind.MERGED) {
      return joined;
    }
    String asked =
        g.inputs().contains("use_cache_branch")
            ? "use_cache_branch"
            : g.input("use_cache_branch", BOOL, "1");
    return chosen(asked, joined, fresh);
  }

  /** By an If whose bodies copy what the main graph has. */
  private String chosen(String asked, String yes, String no) {
    ZooGraph then = g.body("then");
    then.output(then.fresh("then"), yes, g.floatType(), NO_OUTPUTS);
    ZooGraph other = g.body("else");
    other.output(other.fresh("else"), no, g.floatType(), NO_OUTPUTS);
    return g.op("If", asked).with("then_branch", then).with("else_branch", other).out();
  }

  /** From {@code [B, H, S, D]} to the axes of the cache. */
  private String stored(String heads, boolean isKey) {
    return switch (kind) {
      case TOKENS_FIRST -> g.transpose(heads, 0, 2, 1, 3);
      case TOKENS_OUTERMOST, OUTERMOST_UNNAMED -> g.transpose(heads, 2, 0, 1, 3);
      case TRANSPOSED -> {
        String length = g.node("Unsqueeze", g.size(ids, 1), g.longs(0));
        String folded =
            g.node("Reshape", heads, g.concat(0, g.longs(-1), length, g.longs(Products.HEAD)));
        yield isKey ? g.transpose(folded, 0, 2, 1) : folded;
      }
      default -> heads;
    };
  }

  private int axis(boolean isKey) {
    return switch (kind) {
      case TOKENS_FIRST -> 1;
      case TOKENS_OUTERMOST, OUTERMOST_UNNAMED -> 0;
      case TRANSPOSED -> isKey ? 2 : 1;
      default -> 2;
    };
  }

  private String headsFirst(String cache, boolean isKey) {
    return switch (kind) {
      case TOKENS_FIRST -> g.transpose(cache, 0, 2, 1, 3);
      case TOKENS_OUTERMOST, OUTERMOST_UNNAMED -> g.transpose(cache, 1, 2, 0, 3);
      case TRANSPOSED -> {
        String tokens = isKey ? g.transpose(cache, 0, 2, 1) : cache;
        String length = g.node("Unsqueeze", g.size(tokens, 1), g.longs(0));
        String shape = g.concat(0, g.longs(-1, Products.HEADS), length, g.longs(Products.HEAD));
        yield g.node("Reshape", tokens, shape);
      }
      default -> cache;
    };
  }

  /** The encoder's keys and values: made where there is no cache, else those that are fed. */
  KeyValue kept(int layer, String key, String value) {
    String asked =
        g.inputs().contains("use_cache_branch")
            ? "use_cache_branch"
            : g.input("use_cache_branch", BOOL, "1");
    KeyValue kept =
        new KeyValue(
            chosen(asked, crossInput(layer, "key"), key),
            chosen(asked, crossInput(layer, "value"), value));
    presents.put("present." + layer + ".encoder.key", kept.key());
    presents.put("present." + layer + ".encoder.value", kept.value());
    return kept;
  }

  private String crossInput(int layer, String part) {
    return g.input(
        "past_key_values." + layer + ".encoder." + part,
        g.floatType(),
        "batch",
        "4",
        "encoder_sequence_length_out",
        "4");
  }

  void outputs() {
    presents.forEach((name, from) -> g.output(name, from, g.floatType(), dims(name)));
  }

  private String[] dims(String output) {
    int rank = isStacked() ? 5 : kind == Kind.TRANSPOSED ? 3 : 4;
    String[] dims = new String[rank];
    for (int a = 0; a < rank; a++) {
      dims[a] = kind == Kind.OTHER_NAMES ? "?" : output + "_axis" + a;
    }
    return dims;
  }
}
