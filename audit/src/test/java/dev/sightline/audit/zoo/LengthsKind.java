package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT32;
import static dev.sightline.tensor.ElementType.INT64;

/** Models that take the number of real tokens of each row, right ones and ones with a fault. */
public enum LengthsKind {
  /** Vectors, a convolution between the layers that must not read padding, as a conformer's. */
  CONVOLUTION,
  /** Token ids and {@code seq_len}, int32. */
  IDS,
  /** Lengths of a name that says nothing. */
  UNNAMED,
  /** {@code [B, 1]}. */
  COLUMN,
  /** The only output is the mean over real tokens. */
  POOLED,
  /** A mask for attention, and lengths for the pooling. */
  WITH_MASK,
  /** Every second position is dropped. */
  SUBSAMPLED;

  /**
   * Writes a model.
   *
   * @param broken whether padding reaches real tokens
   */
  public byte[] bytes(boolean broken) {
    KindGraph k = new KindGraph();
    ZooGraph g = k.g;
    return switch (this) {
      case CONVOLUTION -> {
        String x = k.features();
        String keep = k.keepFirst(g.input("lengths", INT64, "batch"), x, 1);
        x = Products.layer(g, "first", x, x, k.bias(keep));
        x = g.node("Add", x, k.convolved(broken ? x : k.zeroed(x, keep)));
        yield k.hidden(Products.layer(g, "second", x, x, k.bias(keep)));
      }
      case IDS -> {
        String ids = k.ids();
        String keep = k.keepFirst(g.input("seq_len", INT32, "batch"), ids, 1);
        yield k.hidden(k.layers(k.embedded(ids), k.bias(keep), broken));
      }
      case UNNAMED -> {
        String ids = k.ids();
        String keep = k.keepFirst(g.input("n", INT64, "batch"), ids, 1);
        yield k.hidden(k.layers(k.embedded(ids), k.bias(keep), broken));
      }
      case COLUMN -> {
        String x = k.features();
        String keep = k.keepFirst(g.input("feature_lengths", INT64, "batch", "1"), x, 1);
        yield k.hidden(k.layers(x, k.bias(keep), broken));
      }
      case POOLED -> {
        String ids = k.ids();
        String keep = k.keepFirst(g.input("input_lengths", INT64, "batch"), ids, 1);
        String x = k.layers(k.embedded(ids), k.bias(keep), false);
        g.output("embedding", k.mean(x, broken ? null : keep), FLOAT32, "batch", "16");
        yield k.model();
      }
      case WITH_MASK -> {
        String ids = k.ids();
        String mask = k.mask();
        String lengths = g.input("lengths", INT64, "batch");
        String x = k.layers(k.embedded(ids), k.bias(mask), broken);
        String last = g.node("Sub", g.reshape(lengths, -1, 1), g.longs(1));
        g.output("token_embeddings", x, FLOAT32, "batch", "sequence", "16");
        String pooled = g.op("GatherND", x, last).with("batch_dims", 1).out();
        g.output("sentence_embedding", pooled, FLOAT32, "batch", "16");
        yield k.model();
      }
      case SUBSAMPLED -> {
        String x = k.features();
        String lengths = g.input("lengths", INT64, "batch");
        String half = g.node("Slice", x, g.longs(0), g.longs(1000), g.longs(1), g.longs(2));
        String up = g.node("Add", lengths, g.longs(1));
        String keep = k.keepFirst(g.node("Div", up, g.longs(2)), half, 1);
        g.output("encoded", k.layers(half, k.bias(keep), broken), FLOAT32, "batch", "frames", "16");
        yield k.model();
      }
    };
  }
}
