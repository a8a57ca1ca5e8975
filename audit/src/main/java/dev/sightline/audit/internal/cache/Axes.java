package dev.sightline.audit.internal.cache;

import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.List;

/** Parts of tensors along one axis. */
final class Axes {
  private Axes() {}

  /** The indices {@code from} to before {@code to} of an axis. */
  static RawTensor slice(RawTensor tensor, int axis, int from, int to) {
    Shape shape = tensor.shape();
    long inner = tensor.type().bytes() * (long) product(shape, axis + 1, shape.rank());
    int outer = product(shape, 0, axis);
    TensorBytes part = TensorBytes.of(new byte[Math.toIntExact(outer * inner * (to - from))]);
    for (int o = 0; o < outer; o++) {
      long at = (o * (long) shape.dim(axis) + from) * inner;
      long count = (to - from) * inner;
      part.put(o * count, tensor.elements(), at, count);
    }
    return RawTensor.of(tensor.type(), with(shape, axis, to - from), part);
  }

  /** Tensors one after another along an axis. */
  static FloatTensor concat(List<FloatTensor> parts, int axis) {
    Shape shape = parts.getFirst().shape();
    int length = parts.stream().mapToInt(part -> part.shape().dim(axis)).sum();
    int inner = product(shape, axis + 1, shape.rank());
    int outer = product(shape, 0, axis);
    float[] all = new float[outer * length * inner];
    int at = 0;
    for (int o = 0; o < outer; o++) {
      for (FloatTensor part : parts) {
        int count = part.shape().dim(axis) * inner;
        System.arraycopy(part.data(), o * count, all, at, count);
        at += count;
      }
    }
    return FloatTensor.of(with(shape, axis, length), all);
  }

  /** The index on an axis of an element, counted in row-major order. */
  static int index(Shape shape, int axis, int element) {
    return element / product(shape, axis + 1, shape.rank()) % shape.dim(axis);
  }

  private static Shape with(Shape shape, int axis, int length) {
    int[] dims = new int[shape.rank()];
    for (int a = 0; a < dims.length; a++) {
      dims[a] = a == axis ? length : shape.dim(a);
    }
    return Shape.of(dims);
  }

  private static int product(Shape shape, int from, int to) {
    int product = 1;
    for (int a = from; a < to; a++) {
      product = Math.multiplyExact(product, shape.dim(a));
    }
    return product;
  }
}
