package dev.sightline.audit.zoo;

import dev.sightline.tensor.ElementType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What hides keys from queries in a model of the zoo, right or with its bug: whole numbers for
 * fused operators, and biases that are added to the scores. Null is nothing hidden.
 */
final class Masks {
  /** Keys that a token of {@link Architecture#WINDOW} sees, itself the last. */
  static final int WINDOW = 3;

  private static final double FILL = -10000;
  private static final int FAR = 7;

  private final ZooGraph g;
  private final Architecture architecture;
  private final Bug bug;
  private final String mask;
  private final Map<String, String> made = new HashMap<>();

  /**
   * @param mask 1 for a real token, 0 for padding {@code [B, Lk]}
   */
  Masks(ZooGraph g, Architecture architecture, Bug bug, String mask) {
    this.g = g;
    this.architecture = architecture;
    this.bug = bug;
    this.mask = mask;
  }

  /** 1 for a key to keep, 0 for one to hide {@code [B, Lk]}. */
  @Nullable String keep(int layer) {
    return switch (bug) {
      case MASK_CUT_ALL -> null;
      case MASK_CUT_LAYER -> bug.in(layer) ? null : mask;
      case MASK_SHAPE_ONLY -> once("keep", () -> g.node("Expand", g.longs(1), shape(mask)));
      case MASK_INVERTED -> once("keep", () -> g.node("Sub", g.longs(1), mask));
      case LENGTHS_INSTEAD_OF_MASK ->
          // That operator counts the positions by itself.
          architecture == Architecture.MS_ATTENTION ? mask : once("keep", this::firstPositions);
      case PAD_ID_IS_REAL -> once("keep", () -> notPadding(g, "input_ids"));
      case WRONG_STRIDE ->
          // Where heads are in the batch axis, it is their order that goes wrong.
          architecture == Architecture.THREE_D
              ? mask
              : once("keep", () -> g.node("Reshape", g.transpose(mask, 1, 0), shape(mask)));
      default -> mask;
    };
  }

  /** 1 where an id is not the padding id. */
  static String notPadding(ZooGraph g, String ids) {
    String padding = g.node("Equal", ids, g.longScalar(0));
    return g.cast(g.node("Not", padding), ElementType.INT64);
  }

  private String firstPositions() {
    String length = g.node("ReduceSum", mask, g.longs(1));
    return g.cast(g.node("Less", g.range(g.size(mask, 1)), length), ElementType.INT64);
  }

  /** To be added to scores {@code [B, H, Lq, Lk]}. */
  @Nullable String padding(int layer) {
    String keep = keep(layer);
    if (keep == null) {
      return null;
    }
    return once(
        "padding",
        () ->
            switch (bug) {
              case NAN_ROW -> infinite(keep);
              case WEAK_FILL_5 -> filled(keep, -5, 1, -1);
              case WEAK_FILL_10 -> filled(keep, -10, 1, -1);
              case MASK_QUERY_AXIS -> filled(keep, FILL, -1, 1);
              default -> filled(keep, FILL, 1, -1);
            });
  }

  private String filled(String keep, double fill, long queries, long keys) {
    String hidden = g.node("Sub", g.scalar(1), g.cast(keep, g.floatType()));
    return g.reshape(g.node("Mul", hidden, g.scalar(fill)), 0, 1, queries, keys);
  }

  private String infinite(String keep) {
    String seen = g.reshape(keep, 0, 1, 1, -1);
    if (!architecture.causal()) {
      seen = g.node("Mul", seen, g.reshape(keep, 0, 1, -1, 1));
    }
    return choose(g.cast(seen, ElementType.BOOL));
  }

  /** The encoder's padding, as a decoder's layer hides it. */
  @Nullable String cross(int layer) {
    boolean ignored =
        bug == Bug.ENCODER_MASK_IGNORED || (bug == Bug.ENCODER_MASK_IGNORED_LAYER && bug.in(layer));
    // A layer number that no bug has: those of the encoder's layers are not meant here.
    return ignored ? null : padding(-1);
  }

  /**
   * Causal, with what the architecture allows besides, to be added to scores.
   *
   * @param queries the positions of the queries {@code [Lq]}
   * @param keys the positions of the keys {@code [Lk]}
   * @param types 1 for tokens of a prefix {@code [B, L]}, if there can be one
   */
  @Nullable String causal(int layer, String queries, String keys, @Nullable String types) {
    if (bug == Bug.CAUSAL_MISSING_LAYER && bug.in(layer)) {
      return null;
    }
    boolean headLacks = bug == Bug.CAUSAL_MISSING_HEAD && bug.in(layer);
    return once(
        headLacks ? "causal but for a head" : "causal",
        () -> {
          String allowed = allowed(queries, keys, types);
          if (headLacks) {
            String heads = g.reshape(g.range(g.longScalar(Products.HEADS)), 1, -1, 1, 1);
            allowed = g.node("Or", allowed, g.node("Equal", heads, g.longScalar(2)));
          }
          return choose(allowed);
        });
  }

  private String allowed(String queries, String keys, @Nullable String types) {
    String query = g.reshape(queries, -1, 1);
    String key = g.reshape(keys, 1, -1);
    String last = bug == Bug.CAUSAL_OFF_BY_ONE ? g.node("Add", query, g.longScalar(1)) : query;
    String allowed = g.node("LessOrEqual", key, last);
    if (architecture == Architecture.WINDOW) {
      String before = g.node("Sub", query, g.longScalar(WINDOW));
      allowed = g.node("And", allowed, g.node("Greater", key, before));
    }
    if (types != null) {
      String both = g.node("Mul", g.reshape(types, 0, 1, -1, 1), g.reshape(types, 0, 1, 1, -1));
      allowed = g.node("Or", allowed, g.cast(both, ElementType.BOOL));
    }
    return allowed;
  }

  private String choose(String allowed) {
    double fill = bug == Bug.NAN_ROW ? Double.NEGATIVE_INFINITY : FILL;
    return g.node("Where", allowed, g.scalar(0), g.scalar(fill));
  }

  /** A bias for each head by the distance from query to key {@code [1, H, Lq, Lk]}. */
  static String byDistance(ZooGraph g, String stack, String queries, String keys) {
    String distance = g.node("Sub", g.reshape(keys, 1, -1), g.reshape(queries, -1, 1));
    String near = g.node("Clip", distance, g.longScalar(-FAR), g.longScalar(FAR));
    String table = g.weight(stack + ".distances", 1.5, 2 * FAR + 1, Products.HEADS);
    String bias = g.node("Gather", table, g.node("Add", near, g.longScalar(FAR)));
    return g.node("Unsqueeze", g.transpose(bias, 2, 0, 1), g.longs(0));
  }

  private String shape(String x) {
    return g.node("Shape", x);
  }

  private interface Making {
    String make();
  }

  /** What all layers share is made once, as exporters do it. */
  private String once(String what, Making making) {
    String known = made.get(what);
    if (known == null) {
      known = making.make();
      made.put(what, known);
    }
    return known;
  }
}
