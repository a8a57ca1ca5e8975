package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;
import static dev.sightline.tensor.ElementType.INT64;

import dev.sightline.tensor.ElementType;

/**
 * Encoders with an input of any element type, right ones and ones whose second layer has no mask.
 */
public final class TypedModels {
  private TypedModels() {}

  /** Token ids of a type, with an int64 mask. */
  public static byte[] ids(ElementType type, boolean broken) {
    KindGraph k = new KindGraph();
    String ids = k.g.cast(k.g.input("input_ids", type, "batch", "sequence"), INT64);
    return k.hidden(k.layers(k.embedded(ids), k.bias(k.mask()), broken));
  }

  /** A mask of a type, 1 at real tokens. */
  public static byte[] mask(ElementType type, boolean broken) {
    KindGraph k = new KindGraph();
    String ids = k.ids();
    String mask = k.g.input("attention_mask", type, "batch", "sequence");
    return k.hidden(k.layers(k.embedded(ids), k.bias(mask), broken));
  }

  /** Lengths of a type. */
  public static byte[] lengths(ElementType type, boolean broken) {
    KindGraph k = new KindGraph();
    String ids = k.ids();
    String keep = k.keepFirst(k.g.input("seq_len", type, "batch"), ids, 1);
    return k.hidden(k.layers(k.embedded(ids), k.bias(keep), broken));
  }

  /** Vectors of a type, which are brought to float32, with a mask of the same type. */
  public static byte[] features(ElementType type, boolean broken) {
    KindGraph k = new KindGraph();
    String given = k.g.input("features", type, "batch", "time", "" + KindGraph.FEATURES);
    String mask = k.g.input("feature_mask", type, "batch", "time");
    String x = k.projected(k.g.cast(given, FLOAT32), KindGraph.FEATURES);
    k.g.output("encoded", k.layers(x, k.bias(mask), broken), FLOAT32, "batch", "time", "16");
    return k.model();
  }

  /** Computed in a type from the weights to the output, which is of that type too. */
  public static byte[] throughout(ElementType type, boolean broken) {
    KindGraph k = new KindGraph(type);
    String x = k.layers(k.embedded(k.ids()), k.bias(k.mask()), broken);
    k.g.output("last_hidden_state", x, type, "batch", "sequence", "16");
    return k.model();
  }
}
