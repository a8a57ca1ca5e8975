package dev.sightline.data.internal.axis;

import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** Takes tensors apart and puts them together along an axis, whatever their type. */
public final class RawAxes {
  private RawAxes() {}

  /**
   * Returns the slices of an axis in another order.
   *
   * @param indices of the slices; -1 for one of zeros
   */
  public static RawTensor select(RawTensor from, int axis, int[] indices) {
    Shape shape = from.shape();
    long inner = bytesWithin(from, axis);
    long outer = outer(shape, axis);
    TensorBytes to = zeros(outer * indices.length * inner);
    for (long o = 0; o < outer; o++) {
      for (int i = 0; i < indices.length; i++) {
        if (indices[i] >= 0) {
          long at = (o * shape.dim(axis) + indices[i]) * inner;
          to.put((o * indices.length + i) * inner, from.elements(), at, inner);
        }
      }
    }
    List<Integer> dims = dims(shape);
    dims.set(axis, indices.length);
    return RawTensor.of(from.type(), shape(dims), to);
  }

  /** Returns one slice of an axis, which the result does not have. */
  public static RawTensor slice(RawTensor from, int axis, int index) {
    RawTensor one = select(from, axis, new int[] {index});
    List<Integer> dims = dims(one.shape());
    dims.subList(axis, axis + 1).clear();
    return RawTensor.of(one.type(), shape(dims), one.elements());
  }

  /** Returns a tensor with an axis and the next one as one. */
  public static RawTensor merged(RawTensor from, int axis) {
    List<Integer> dims = dims(from.shape());
    dims.set(axis, dims.get(axis) * dims.get(axis + 1));
    dims.subList(axis + 1, axis + 2).clear();
    return RawTensor.of(from.type(), shape(dims), from.elements());
  }

  /** Returns one of the equal parts of an axis. */
  public static RawTensor part(RawTensor from, int axis, int parts, int index) {
    int size = from.shape().dim(axis) / parts;
    return select(from, axis, IntStream.range(index * size, (index + 1) * size).toArray());
  }

  /** Returns a tensor with its first two axes in the other order. */
  public static RawTensor swapped(RawTensor from) {
    List<RawTensor> slices = new ArrayList<>();
    for (int i = 0; i < from.shape().dim(1); i++) {
      slices.add(slice(from, 1, i));
    }
    return stack(slices, 0);
  }

  /** Returns tensors of one shape and type along a new axis. */
  public static RawTensor stack(List<RawTensor> slices, int axis) {
    RawTensor first = slices.getFirst();
    long outer = outer(first.shape(), axis);
    long inner = outer == 0 ? 0 : first.elements().size() / outer;
    TensorBytes to = zeros(outer * slices.size() * inner);
    for (long o = 0; o < outer; o++) {
      for (int i = 0; i < slices.size(); i++) {
        to.put((o * slices.size() + i) * inner, slices.get(i).elements(), o * inner, inner);
      }
    }
    List<Integer> dims = dims(first.shape());
    dims.add(axis, slices.size());
    return RawTensor.of(first.type(), shape(dims), to);
  }

  private static TensorBytes zeros(long bytes) {
    return TensorBytes.of(new byte[Math.toIntExact(bytes)]);
  }

  private static long outer(Shape shape, int axis) {
    long outer = 1;
    for (int a = 0; a < axis; a++) {
      outer *= shape.dim(a);
    }
    return outer;
  }

  private static long bytesWithin(RawTensor tensor, int axis) {
    long slices = outer(tensor.shape(), axis + 1);
    return slices == 0 ? 0 : tensor.elements().size() / slices;
  }

  private static List<Integer> dims(Shape shape) {
    List<Integer> dims = new ArrayList<>();
    for (int a = 0; a < shape.rank(); a++) {
      dims.add(shape.dim(a));
    }
    return dims;
  }

  private static Shape shape(List<Integer> dims) {
    return Shape.of(dims.stream().mapToInt(Integer::intValue).toArray());
  }
}
