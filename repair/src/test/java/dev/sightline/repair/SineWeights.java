package dev.sightline.repair;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;

/** Weights of models for tests: sines, so that no two rows are alike. */
final class SineWeights {
  private SineWeights() {}

  static String add(GraphBuilder graph, ElementType type, String name, double seed, int... dims) {
    int size = 1;
    long[] shape = new long[dims.length];
    for (int d = 0; d < dims.length; d++) {
      size *= dims[d];
      shape[d] = dims[d];
    }
    float[] values = new float[size];
    for (int n = 0; n < size; n++) {
      values[n] = (float) Math.sin(n * seed + seed);
    }
    return graph.floats(name, type, values, shape);
  }
}
