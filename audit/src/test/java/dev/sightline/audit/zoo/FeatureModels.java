package dev.sightline.audit.zoo;

import static dev.sightline.tensor.ElementType.FLOAT32;

import dev.sightline.tensor.ElementType;

/** Models that are fed with vectors or pictures. */
final class FeatureModels {
  static final int LAYERS = 2;

  /** The queries of {@link #crossFeatures}. */
  static final int QUERIES = 6;

  private FeatureModels() {}

  /** Sixteen patches and a class token, all looking at all. */
  static byte[] vision() {
    ZooGraph g = new ZooGraph(FLOAT32);
    String pixels = g.input("pixel_values", FLOAT32, "batch", "3", "8", "8");
    String kernel = g.weight("patches", Products.WIDTH, 3, 2, 2);
    String patches = g.op("Conv", pixels, kernel).withAll("strides", 2, 2).out();
    String x = g.transpose(g.reshape(patches, 0, Products.WIDTH, -1), 0, 2, 1);
    String first = g.slice(x, 1, 0, 1);
    String start = g.node("Expand", g.weight("class", 1, 1, 16), g.node("Shape", first));
    x = g.node("Add", g.concat(1, start, x), g.weight("positions", 1, 17, Products.WIDTH));
    for (int layer = 0; layer < LAYERS; layer++) {
      x = Products.layer(g, "layer" + layer, x, x, null);
    }
    g.output("last_hidden_state", x, FLOAT32, "batch", "17", "16");
    return g.model(18);
  }

  /** Every column of a picture eight pixels high is a token; each gives a probability by class. */
  static byte[] lineOfText() {
    ZooGraph g = new ZooGraph(FLOAT32);
    String pixels = g.input("x", FLOAT32, "N", "3", "8", "W");
    String columns = g.node("Conv", pixels, g.weight("columns", 0.3, Products.WIDTH, 3, 8, 1));
    String x = g.transpose(g.node("Squeeze", columns, g.longs(2)), 0, 2, 1);
    for (int layer = 0; layer < LAYERS; layer++) {
      x = Products.layer(g, "layer" + layer, x, x, null);
    }
    String classes = g.node("MatMul", x, g.weight("classes", Products.WIDTH, 64));
    String probabilities = g.op("Softmax", classes).with("axis", 2).out();
    g.output("probabilities", probabilities, FLOAT32, "N", "W", "64");
    return g.model(18);
  }

  /** Queries look at each other, then at the context, in each layer. */
  static byte[] crossFeatures(Bug bug) {
    ZooGraph g = new ZooGraph(FLOAT32);
    String x = g.input("queries", FLOAT32, "batch", "" + QUERIES, "16");
    String context = g.input("context", FLOAT32, "batch", "context_sequence", "16");
    String mask = g.input("context_mask", ElementType.INT64, "batch", "context_sequence");
    Masks masks = new Masks(g, Architecture.CROSS_FEATURES, bug, mask);
    for (int layer = 0; layer < LAYERS; layer++) {
      x = Products.layer(g, "self" + layer, x, x, null);
      x = Products.layer(g, "cross" + layer, x, context, masks.cross(layer));
    }
    g.output("features", x, FLOAT32, "batch", "" + QUERIES, "16");
    return g.model(18);
  }
}
