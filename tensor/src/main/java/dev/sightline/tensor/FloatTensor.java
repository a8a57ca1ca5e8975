package dev.sightline.tensor;

/**
 * A dense float32 tensor in row-major order. It wraps its array, neither copies nor guards it: who
 * makes a tensor hands the array over and does not write to it again.
 */
public final class FloatTensor {
  private final Shape shape;
  private final float[] data;

  private FloatTensor(Shape shape, float[] data) {
    this.shape = shape;
    this.data = data;
  }

  /**
   * A tensor of the given shape over the given elements.
   *
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

  public Shape shape() {
    return shape;
  }

  /** The elements themselves, not a copy. */
  public float[] data() {
    return data;
  }

  /**
   * Where the sub-tensor at the given leading indices begins in {@link #data()}: for shape {@code
   * [B, S, D]}, {@code offset(b, s)} is the first of the D values of token s in row b.
   *
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

  /** Shape only: a tensor's values do not belong in a message. */
  @Override
  public String toString() {
    return "FloatTensor" + shape;
  }
}
