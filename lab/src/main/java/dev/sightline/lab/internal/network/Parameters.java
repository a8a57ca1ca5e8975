package dev.sightline.lab.internal.network;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;

/**
 * The tensors of a network by name, in the order in which they were made, from one seed. Two
 * networks of one seed that differ in a mask alone begin with the same numbers.
 */
public final class Parameters {
  private final RandomGenerator random;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  public Parameters(long seed) {
    this.random = new SplittableRandom(seed);
  }

  /** {@return a layer whose weights are normal with deviation {@code 1 / sqrt(in)}} */
  public Linear linear(String name, int in, int out) {
    return new Linear(
        normal(name + ".weight", 1 / Math.sqrt(in), out, in), zeros(name + ".bias", out));
  }

  /** {@return a layer that gives 0 until it is trained} */
  public Linear silentLinear(String name, int in, int out) {
    return new Linear(zeros(name + ".weight", out, in), zeros(name + ".bias", out));
  }

  /** {@return rows to be looked up or added, normal with deviation {@code deviation}} */
  public Tensor table(String name, double deviation, int rows, int width) {
    return normal(name, deviation, rows, width);
  }

  private Tensor normal(String name, double deviation, long... dims) {
    float[] values = new float[elements(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return keep(name, values, dims);
  }

  private Tensor zeros(String name, long... dims) {
    return keep(name, new float[elements(dims)], dims);
  }

  private static int elements(long... dims) {
    long count = 1;
    for (long dim : dims) {
      count *= dim;
    }
    return Math.toIntExact(count);
  }

  private Tensor keep(String name, float[] values, long... dims) {
    Tensor tensor = Tensor.create(values, dims);
    tensor.set_requires_grad(true);
    if (tensors.put(name, tensor) != null) {
      throw new IllegalStateException("two parameters are named " + name);
    }
    return tensor;
  }

  /** {@return the tensors by name, in the order in which they were made} */
  public Map<String, Tensor> tensors() {
    return tensors;
  }

  /** {@return the tensors as LibTorch's optimisers take them} */
  public TensorVector vector() {
    TensorVector vector = new TensorVector();
    tensors.values().forEach(vector::push_back);
    return vector;
  }

  /** {@return the count of all numbers} */
  public long count() {
    return tensors.values().stream().mapToLong(Tensor::numel).sum();
  }
}
