package dev.sightline.tensor;

/**
 * A dense float32 tensor in row-major order. It wraps its array without a copy, so the caller must
 * not write to the array afterwards.
 */
public final class FloatTensor {
  private final Shape shape;
  private final float[] data;

  private FloatTensor(Shape shape, float[] data) {
    this.shape = shape;
    this.data = data;
  }

  /**
   * Returns a tensor that uses the given array as its elements.
   *
   * @param shape lengths of the axes
   * @param data the elements in row-major order; not copied
   * @return the tensor
   * @throws IllegalArgumentException if the array's length is not the shape's size
   */
  public static FloatTensor of(Shape shape, float[] data) {
    if (data.length != shape.size()) {
      throw new IllegalArgumentException(
          "shape "
              + shape
              + " has "
              + shape.size()
              + " elements, but the array has "
              + data.length);
    }
    return new FloatTensor(shape, data);
  }

  /**
   * Returns the lengths of the axes.
   *
   * @return the shape
   */
  public Shape shape() {
    return shape;
  }

  /**
   * Returns the elements in row-major order.
   *
   * @return the tensor's own array, not a copy
   */
  public float[] data() {
    return data;
  }

  /**
   * Returns where the sub-tensor at the given leading indices begins in {@link #data()}: for shape
   * {@code [B, S, D]}, {@code offset(b, s)} is the index of the first of the D values of token s in
   * row b.
   *
   * @param leading indices on the first axes, each counted from 0
   * @return an index into {@link #data()}
   * @throws IndexOutOfBoundsException if there are more indices than axes or one is out of range
   */
  public int offset(int... leading) {
    if (leading.length > shape.rank()) {
      throw new IndexOutOfBoundsException(
          leading.length + " indices into a tensor of shape " + shape);
    }
    int offset = 0;
    for (int axis = 0; axis < shape.rank(); axis++) {
      int index = axis < leading.length ? leading[axis] : 0;
      if (axis < leading.length && (index < 0 || index >= shape.dim(axis))) {
        throw new IndexOutOfBoundsException(
            "index " + index + " on axis " + axis + " of a tensor of shape " + shape);
      }
      offset = offset * shape.dim(axis) + index;
    }
    return offset;
  }

  /** Returns the shape only, since messages do not show values. */
  @Override
  public String toString() {
    return "FloatTensor" + shape;
  }
}
