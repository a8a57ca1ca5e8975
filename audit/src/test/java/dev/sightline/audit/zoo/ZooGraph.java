package dev.sightline.audit.zoo;

import dev.sightline.onnx.internal.graph.GraphBuilder;
import dev.sightline.tensor.ElementType;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;

/**
 * A graph with random weights. A weight depends on its own name alone, so a model and its mutation
 * share every weight that both have.
 */
public final class ZooGraph extends GraphBuilder {
  private final ZooGraph main;
  private final ElementType floatType;
  private final Set<String> weights = new HashSet<>();

  /**
   * Starts an empty graph.
   *
   * @param floatType the type of weights and of constants that are no whole numbers
   */
  ZooGraph(ElementType floatType) {
    super("zoo");
    this.main = this;
    this.floatType = floatType;
  }

  private ZooGraph(ZooGraph parent, String name) {
    super(parent, name);
    this.main = parent.main;
    this.floatType = parent.floatType;
  }

  @Override
  public ZooGraph body(String name) {
    return new ZooGraph(this, name);
  }

  ElementType floatType() {
    return floatType;
  }

  /** Adds a weight seeded by its name, normally distributed with deviation 0.45. */
  String weight(String name, long... dims) {
    return weight(name, 0.45, dims);
  }

  String weight(String name, double deviation, long... dims) {
    if (!main.weights.add(name)) {
      return name;
    }
    Random random = new Random(name.hashCode() * 7919L);
    int count = 1;
    for (long dim : dims) {
      count *= Math.toIntExact(dim);
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (random.nextGaussian() * deviation);
    }
    return floats(name, floatType, values, dims);
  }

  @Override
  public String scalar(double value) {
    return scalar(floatType, value);
  }

  String floats(float... values) {
    return floats(fresh("constant"), floatType, values, values.length);
  }

  byte[] model(long opset) {
    return model(opset, "sightline-zoo");
  }
}
