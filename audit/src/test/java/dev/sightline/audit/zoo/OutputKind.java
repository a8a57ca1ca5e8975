package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT64;

/** Encoders that differ in what they hand out, right ones and ones with a fault. */
public enum OutputKind {
  /** Class scores {@code [B, 3]} of position 0. */
  CLASSES_OF_FIRST,
  /** Class scores of the last id that is not padding, causal. */
  CLASSES_OF_LAST_REAL,
  /** Class scores of the mean. */
  CLASSES_OF_MEAN,
  /** Class scores of a tanh layer over position 0, as BERT's pooler. */
  CLASSES_OF_POOLER,
  /** Nothing but the normalised mean {@code [B, 16]}. */
  POOLED_ONLY,
  /** Nothing but the largest value of each feature. */
  MAX_ONLY,
  /** Three learned tokens before each text, {@code [B, 3 + S, 16]}. */
  VIRTUAL_TOKENS,
  /** A vector for every second token. */
  SUBSAMPLED,
  /** {@code [S, B, 16]}. */
  SEQUENCE_FIRST,
  /** {@code [B, 16, S]}. */
  CHANNELS_FIRST,
  /** {@code [B, S, S]}. */
  PAIRS,
  /** The vectors of all layers {@code [3, B, S, 16]}. */
  STACKED,
  /** Every text against every other {@code [B, B]}, as CLIP's logits_per_text. */
  LOGITS_PER_TEXT,
  /** The vector at the first id 63, read from the ids. */
  END_OF_TEXT,
  /** The same, of a model that is padded with that id, as CLIP. */
  END_OF_TEXT_PADDED_WITH_IT,
  /** A window in the first layer, none in the second. */
  MIXED_WINDOWS;

  /**
   * Writes a model.
   *
   * @param broken whether padding reaches an output
   */
  public byte[] bytes(boolean broken) {
    KindGraph k = new KindGraph();
    ZooGraph g = k.g;
    String ids = k.ids();
    String mask = k.mask();
    String bias = k.bias(mask);
    return switch (this) {
      case CLASSES_OF_FIRST -> {
        String x = k.layers(k.embedded(ids), bias, broken);
        yield k.logits(k.classes(Pooling.FIRST_POSITION.apply(g, x, mask)));
      }
      case CLASSES_OF_LAST_REAL -> {
        // Without positions, so that a text is the same wherever it is in its row.
        String hidden = g.node("Add", bias, k.causal(ids, 1));
        String x = k.layers(k.words(ids), hidden, false);
        String real = broken ? mask : Masks.notPadding(g, ids);
        Pooling pooling = broken ? Pooling.SUM_MINUS_ONE : Pooling.LAST_REAL;
        yield k.logits(k.classes(pooling.apply(g, x, real)));
      }
      case CLASSES_OF_MEAN -> {
        String x = k.layers(k.embedded(ids), bias, false);
        yield k.logits(k.classes(k.mean(x, broken ? null : mask)));
      }
      case CLASSES_OF_POOLER -> {
        String x = k.layers(k.embedded(ids), bias, broken);
        String first = Pooling.FIRST_POSITION.apply(g, x, mask);
        String dense = g.node("MatMul", first, g.weight("pooler", Products.WIDTH, Products.WIDTH));
        yield k.logits(k.classes(g.node("Tanh", dense)));
      }
      case POOLED_ONLY -> {
        String mean = k.mean(k.layers(k.embedded(ids), bias, false), broken ? null : mask);
        String norm = g.op("LpNormalization", mean).with("axis", 1).with("p", 2).out();
        g.output("embedding", norm, FLOAT32, "batch", "16");
        yield k.model();
      }
      case MAX_ONLY -> {
        String x = k.layers(k.embedded(ids), bias, false);
        String low = g.reshape(bias, 0, -1, 1);
        String shown = broken ? x : g.node("Add", x, low);
        g.output(
            "embedding",
            g.op("ReduceMax", shown, g.longs(1)).with("keepdims", 0).out(),
            FLOAT32,
            "batch",
            "16");
        yield k.model();
      }
      case VIRTUAL_TOKENS -> {
        String rows = g.concat(0, g.reshape(g.size(ids, 0), 1), g.longs(3, Products.WIDTH));
        String learned = g.node("Expand", g.weight("virtual", 0.8, 1, 3, Products.WIDTH), rows);
        String shown = g.concat(0, g.reshape(g.size(ids, 0), 1), g.longs(3));
        String ones = g.node("Expand", g.longs(1), shown);
        String x = g.concat(1, learned, k.embedded(ids));
        String longer = broken ? g.concat(1, mask, ones) : g.concat(1, ones, mask);
        x = k.layers(x, k.bias(longer), false);
        g.output("hidden", x, FLOAT32, "batch", "full", "16");
        yield k.model();
      }
      case SUBSAMPLED -> {
        String x = everySecond(g, k.embedded(ids));
        x = k.layers(x, k.bias(everySecond(g, mask)), broken);
        g.output("hidden", x, FLOAT32, "batch", "frames", "16");
        yield k.model();
      }
      case SEQUENCE_FIRST -> {
        String x = g.transpose(k.layers(k.embedded(ids), bias, broken), 1, 0, 2);
        g.output("hidden", x, FLOAT32, "sequence", "batch", "16");
        yield k.model();
      }
      case CHANNELS_FIRST -> {
        String x = g.transpose(k.layers(k.embedded(ids), bias, broken), 0, 2, 1);
        g.output("hidden", x, FLOAT32, "batch", "16", "sequence");
        yield k.model();
      }
      case PAIRS -> {
        String x = k.layers(k.embedded(ids), bias, broken);
        String pairs = g.node("MatMul", x, g.transpose(x, 0, 2, 1));
        g.output("scores", pairs, FLOAT32, "batch", "sequence", "sequence");
        yield k.model();
      }
      case STACKED -> {
        String x = k.embedded(ids);
        String first = Products.layer(g, "layer0", x, x, bias);
        String second = Products.layer(g, "layer1", first, first, broken ? null : bias);
        String all =
            g.concat(
                0,
                g.node("Unsqueeze", x, g.longs(0)),
                g.node("Unsqueeze", first, g.longs(0)),
                g.node("Unsqueeze", second, g.longs(0)));
        g.output("hidden_states", all, FLOAT32, "3", "batch", "sequence", "16");
        yield k.model();
      }
      case LOGITS_PER_TEXT -> {
        String mean = k.mean(k.layers(k.embedded(ids), bias, broken), mask);
        String norm = g.op("LpNormalization", mean).with("axis", 1).with("p", 2).out();
        String logits = g.node("MatMul", norm, g.transpose(norm, 1, 0));
        g.output("logits_per_text", logits, FLOAT32, "batch", "batch");
        g.output("text_embeds", norm, FLOAT32, "batch", "16");
        yield k.model();
      }
      case END_OF_TEXT, END_OF_TEXT_PADDED_WITH_IT -> {
        long last = this == END_OF_TEXT ? 63 : PADDING;
        String hidden = g.node("Add", bias, k.causal(ids, 1));
        String x = k.layers(k.embedded(ids), broken ? bias : hidden, broken);
        String end = g.cast(g.node("Equal", ids, g.longScalar(last)), INT64);
        String at = g.op("ArgMax", end).with("axis", 1).with("keepdims", 1).out();
        String pooled = g.op("GatherND", x, at).with("batch_dims", 1).out();
        g.output("text_embeds", pooled, FLOAT32, "batch", "16");
        yield k.model();
      }
      case MIXED_WINDOWS -> {
        String range = g.range(g.size(ids, 1));
        String distance = g.node("Sub", g.reshape(range, 1, -1), g.reshape(range, -1, 1));
        String near = g.node("LessOrEqual", g.node("Abs", distance), g.longScalar(2));
        String window = g.node("Where", near, g.scalar(0), g.scalar(-10000));
        String x = k.embedded(ids);
        x = Products.layer(g, "layer0", x, x, g.node("Add", bias, window));
        yield k.hidden(Products.layer(g, "layer1", x, x, broken ? null : bias));
      }
    };
  }

  /** With which the tests pad. */
  private static final long PADDING = 0;

  private static String everySecond(ZooGraph g, String x) {
    return g.node("Slice", x, g.longs(0), g.longs(1000), g.longs(1), g.longs(2));
  }
}
