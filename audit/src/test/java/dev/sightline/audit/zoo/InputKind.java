package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.BFLOAT16;
import static dev.sightline.tensor.ElementType.BOOL;
import static dev.sightline.tensor.ElementType.FLOAT16;
import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT32;
import static dev.sightline.tensor.ElementType.INT64;
import static dev.sightline.tensor.ElementType.INT8;
import static dev.sightline.tensor.ElementType.UINT8;

import dev.sightline.tensor.ElementType;

/** Encoders that differ in what they are fed, right ones and ones with a fault. */
public enum InputKind {
  /** True at padding, as PyTorch's key_padding_mask. */
  TRUE_AT_PADDING,
  MASK_OF_BOOL,
  MASK_OF_INT8,
  MASK_OF_UINT8,
  MASK_OF_INT32,
  MASK_OF_FLOAT,
  MASK_OF_FLOAT16,
  /** Positions of three kinds {@code [3, B, S]}, as Qwen-VL's. */
  THREE_POSITIONS,
  /** Ids times the mask, so that padding is 0. */
  IDS_TIMES_MASK,
  /** Ids with three rows kept free before them. */
  IDS_PLUS_THREE,
  /** Ids of padding replaced by 1. */
  IDS_CHOSEN,
  /** Ids as int32, cast to int64. */
  IDS_OF_INT32,
  /** Ids limited to the table. */
  IDS_CLIPPED,
  /** Numbers that are the same for all rows. */
  SCALARS,
  /** Ids {@code [S, B]}, and a mask {@code [B, S]}. */
  SEQUENCE_FIRST_IDS,
  /** Vectors {@code [S, B, 6]}, and a mask {@code [B, S]}. */
  SEQUENCE_FIRST_VECTORS,
  FLOAT16_VECTORS,
  BFLOAT16_VECTORS,
  /** Channels before time {@code [B, 6, T]}. */
  CHANNELS_FIRST_VECTORS,
  /** No token_type_ids input; zeros look up a table of two rows. */
  TWO_TYPES_UNFED,
  /** The same with a table of one row. */
  ONE_TYPE_UNFED,
  /** token_type_ids and position_ids are fed. */
  ALL_THREE,
  /** A bias for each head by a key's count of real tokens, causal, as BLOOM's. */
  BLOOM_ALIBI,
  /** A bias for each head by a key's position, causal, as MPT's. */
  MPT_ALIBI,
  /** A mask over pairs {@code [B, 1, S, S]} beside that of tokens. */
  PAIR_MASK,
  /** No axis has a name. */
  UNNAMED_AXES,
  /** No axis has a name, and positions are of three kinds. */
  UNNAMED_THREE_POSITIONS,
  /** The file fixes one row. */
  ONE_ROW,
  /** The file fixes three rows. */
  THREE_ROWS,
  /** The file fixes 12 tokens. */
  FIXED_LENGTH,
  /** No positions, so that a text is the same wherever it is in its row. */
  NO_POSITIONS,
  /** A sound {@code [B, T]}: a convolution makes a frame of every 40 samples. */
  WAVEFORM,
  /** Two texts, each with its mask, as a cross-encoder's. */
  TWO_TEXTS;

  /**
   * Writes a model.
   *
   * @param broken whether padding reaches real tokens
   */
  public byte[] bytes(boolean broken) {
    KindGraph k = new KindGraph(this == FLOAT16_VECTORS ? FLOAT16 : FLOAT32);
    ZooGraph g = k.g;
    return switch (this) {
      case TRUE_AT_PADDING -> {
        String ids = k.ids();
        String padding = g.input("padding_mask", BOOL, "batch", "sequence");
        String keep = g.cast(g.node("Not", padding), INT64);
        yield k.hidden(k.layers(k.embedded(ids), k.bias(keep), broken));
      }
      case MASK_OF_BOOL -> ofMask(k, BOOL, broken);
      case MASK_OF_INT8 -> ofMask(k, INT8, broken);
      case MASK_OF_UINT8 -> ofMask(k, UINT8, broken);
      case MASK_OF_INT32 -> ofMask(k, INT32, broken);
      case MASK_OF_FLOAT -> ofMask(k, FLOAT32, broken);
      case MASK_OF_FLOAT16 -> ofMask(k, FLOAT16, broken);
      case THREE_POSITIONS -> {
        String ids = k.ids();
        String mask = k.mask();
        String three = g.input("position_ids", INT64, "3", "batch", "sequence");
        String x = k.words(ids);
        for (int kind = 0; kind < 3; kind++) {
          String own = g.reshape(g.slice(three, 0, kind, kind + 1), -1, 1);
          own = g.node("Reshape", own, g.node("Shape", ids));
          String table = g.weight("positions" + kind, 0.4, KindGraph.MAX_TOKENS, Products.WIDTH);
          x = g.node("Add", x, g.node("Gather", table, own));
        }
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case IDS_TIMES_MASK -> {
        String ids = k.ids();
        String mask = k.mask();
        String x = k.embedded(g.node("Mul", ids, mask));
        yield k.hidden(k.layers(x, broken ? null : k.bias(mask), broken));
      }
      case IDS_PLUS_THREE -> {
        String ids = k.ids();
        String mask = k.mask();
        String table = g.weight("words", 0.8, KindGraph.VOCABULARY + 3, Products.WIDTH);
        String x = g.node("Gather", table, g.node("Add", ids, g.longScalar(3)));
        x = g.node("Add", x, k.positions(g.range(g.size(ids, 1))));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case IDS_CHOSEN -> {
        String ids = k.ids();
        String mask = k.mask();
        String real = g.cast(mask, BOOL);
        String x = k.embedded(g.node("Where", real, ids, g.longScalar(1)));
        yield k.hidden(k.layers(x, broken ? null : k.bias(mask), broken));
      }
      case IDS_OF_INT32 -> {
        String ids = g.input("input_ids", INT32, "batch", "sequence");
        String mask = g.input("attention_mask", INT32, "batch", "sequence");
        String x = k.embedded(g.cast(ids, INT64));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case IDS_CLIPPED -> {
        String ids = k.ids();
        String mask = k.mask();
        String x =
            k.embedded(
                g.node("Clip", ids, g.longScalar(0), g.longScalar(KindGraph.VOCABULARY - 1)));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case SCALARS -> {
        String ids = k.ids();
        String mask = k.mask();
        String temperature = g.scalarInput("temperature", FLOAT32);
        String power = g.scalarInput("noise_level", INT64);
        String x = g.node("Mul", k.embedded(ids), g.node("Add", temperature, g.scalar(2)));
        x = g.node("Add", x, g.cast(power, FLOAT32));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case SEQUENCE_FIRST_IDS -> {
        String ids = g.input("src", INT64, "src_len", "batch");
        String mask = g.input("src_mask", INT64, "batch", "src_len");
        String x = k.embedded(g.transpose(ids, 1, 0));
        x = g.transpose(k.layers(x, k.bias(mask), broken), 1, 0, 2);
        g.output("memory", x, FLOAT32, "src_len", "batch", "16");
        yield k.model();
      }
      case SEQUENCE_FIRST_VECTORS -> {
        String vectors = g.input("features", FLOAT32, "time", "batch", "" + KindGraph.FEATURES);
        String mask = g.input("features_mask", INT64, "batch", "time");
        String x = g.transpose(k.projected(vectors, KindGraph.FEATURES), 1, 0, 2);
        x = g.transpose(k.layers(x, k.bias(mask), broken), 1, 0, 2);
        g.output("memory", x, FLOAT32, "time", "batch", "16");
        yield k.model();
      }
      case FLOAT16_VECTORS, BFLOAT16_VECTORS -> {
        ElementType type = this == FLOAT16_VECTORS ? FLOAT16 : BFLOAT16;
        String vectors = g.input("inputs_embeds", type, "batch", "sequence", "6");
        String mask = k.mask();
        String x = k.projected(g.cast(vectors, g.floatType()), KindGraph.FEATURES);
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case CHANNELS_FIRST_VECTORS -> {
        String vectors = g.input("features", FLOAT32, "batch", "6", "time");
        String mask = g.input("mask", INT64, "batch", "time");
        String x = k.projected(g.transpose(vectors, 0, 2, 1), KindGraph.FEATURES);
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case TWO_TYPES_UNFED, ONE_TYPE_UNFED -> {
        String ids = k.ids();
        String mask = k.mask();
        String zeros = g.node("Expand", g.longs(0), g.node("Shape", ids));
        String types = g.weight("types", this == TWO_TYPES_UNFED ? 2 : 1, Products.WIDTH);
        String x = g.node("Add", k.embedded(ids), g.node("Gather", types, zeros));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case ALL_THREE -> {
        String ids = k.ids();
        String mask = k.mask();
        String types = g.input("token_type_ids", INT64, "batch", "sequence");
        String positions = g.input("position_ids", INT64, "batch", "sequence");
        String x = g.node("Add", k.words(ids), k.positions(positions));
        x = g.node("Add", x, g.node("Gather", g.weight("types", 2, Products.WIDTH), types));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case BLOOM_ALIBI, MPT_ALIBI -> {
        String ids = k.ids();
        String mask = k.mask();
        String count =
            this == BLOOM_ALIBI
                ? g.node("Sub", g.node("CumSum", mask, g.longScalar(1)), g.longScalar(1))
                : g.reshape(g.range(g.size(ids, 1)), 1, -1);
        String slopes =
            g.floats("slopes", FLOAT32, new float[] {.5f, .25f, .12f, .06f}, 1, 4, 1, 1);
        String alibi = g.node("Mul", slopes, g.cast(g.reshape(count, 0, 1, 1, -1), FLOAT32));
        String causal = g.node("Add", alibi, k.causal(ids, 1));
        String full = g.node("Add", causal, k.bias(mask));
        String x = k.words(ids);
        x = Products.layer(g, "layer0", x, x, full);
        x = Products.layer(g, "layer1", x, x, broken ? causal : full);
        g.output("logits", k.classes(x), FLOAT32, "batch", "sequence", "3");
        yield k.model();
      }
      case PAIR_MASK -> {
        String ids = k.ids();
        String mask = k.mask();
        String pairs = g.input("pair_mask", BOOL, "batch", "1", "sequence", "sequence");
        String hidden = g.node("Where", pairs, g.scalar(0), g.scalar(-10000));
        String x = k.embedded(ids);
        x = Products.layer(g, "layer0", x, x, g.node("Add", k.bias(mask), hidden));
        yield k.hidden(Products.layer(g, "layer1", x, x, broken ? hidden : k.bias(mask)));
      }
      case NO_POSITIONS -> {
        String ids = k.ids();
        String mask = k.mask();
        yield k.hidden(k.layers(k.words(ids), k.bias(mask), broken));
      }
      case WAVEFORM -> {
        String sound = g.input("input_values", FLOAT32, "batch", "samples");
        String mask = g.input("attention_mask", INT64, "batch", "samples");
        String kernel = g.weight("frames", 0.2, Products.WIDTH, 1, 40);
        String channel = g.node("Unsqueeze", sound, g.longs(1));
        String x = g.transpose(g.op("Conv", channel, kernel).withAll("strides", 40).out(), 0, 2, 1);
        String count = g.node("Div", g.node("ReduceSum", mask, g.longs(1)), g.longs(40));
        String out = k.layers(x, k.bias(k.keepFirst(count, x, 1)), broken);
        g.output("frames_out", out, FLOAT32, "batch", "frames", "16");
        yield k.model();
      }
      case UNNAMED_AXES -> ofAxes(k, "?", "?", broken);
      case ONE_ROW -> ofAxes(k, "1", "sequence", broken);
      case THREE_ROWS -> ofAxes(k, "3", "sequence", broken);
      case FIXED_LENGTH -> ofAxes(k, "batch", "12", broken);
      case UNNAMED_THREE_POSITIONS -> {
        String ids = g.input("input_ids", INT64, "?", "?");
        String mask = g.input("attention_mask", INT64, "?", "?");
        String three = g.input("position_ids", INT64, "3", "?", "?");
        String own = g.node("Reshape", g.slice(three, 0, 1, 2), g.node("Shape", ids));
        String x = g.node("Add", k.words(ids), k.positions(own));
        yield k.hidden(k.layers(x, k.bias(mask), broken));
      }
      case TWO_TEXTS -> {
        String ids = k.ids();
        String mask = k.mask();
        String context = g.input("context_ids", INT64, "batch", "context");
        String contextMask = g.input("context_attention_mask", INT64, "batch", "context");
        String x = k.layers(k.embedded(ids), k.bias(mask), false);
        String y = k.embedded(context);
        y = Products.layer(g, "context", y, y, k.bias(contextMask));
        yield k.hidden(Products.layer(g, "cross", x, y, broken ? null : k.bias(contextMask)));
      }
    };
  }

  private static byte[] ofAxes(KindGraph k, String rows, String tokens, boolean broken) {
    String ids = k.g.input("input_ids", INT64, rows, tokens);
    String mask = k.g.input("attention_mask", INT64, rows, tokens);
    String x = k.layers(k.embedded(ids), k.bias(mask), broken);
    k.g.output("hidden", x, FLOAT32, rows, tokens, "16");
    return k.model();
  }

  private static byte[] ofMask(KindGraph k, ElementType type, boolean broken) {
    String ids = k.ids();
    String mask = k.g.input("attention_mask", type, "batch", "sequence");
    return k.hidden(k.layers(k.embedded(ids), k.bias(k.g.cast(mask, INT64)), broken));
  }
}
