package dev.sightline.tensor;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * The lengths of a tensor's axes, outermost first, such as {@code [B, H, Lq, Lk]}. Data of a shape
 * is in row-major order: the last axis is contiguous. Immutable.
 */
public final class Shape {
  private final int[] dims;
  private final int size;

  private Shape(int[] dims) {
    long size = 1;
    for (int d : dims) {
      if (d < 0) {
        throw new IllegalArgumentException(
            "an axis must not be negative, but the shape is " + Arrays.toString(dims));
      }
      size = Math.multiplyExact(size, (long) d);
      if (size > Integer.MAX_VALUE) {
        throw new IllegalArgumentException(
            "a tensor holds at most 2^31 - 1 elements, but the shape is " + Arrays.toString(dims));
      }
    }
    this.dims = dims;
    this.size = (int) size;
  }

  /**
   * Returns a shape of the given axes; a scalar has none.
   *
   * @param dims lengths of the axes, outermost first; copied
   * @return the shape
   * @throws IllegalArgumentException if an axis is negative or the shape has more than 2^31 - 1
   *     elements
   */
  public static Shape of(int... dims) {
    return new Shape(dims.clone());
  }

  /**
   * Returns a shape, as {@link #of(int...)}, from the longs that model runtimes use.
   *
   * @param dims lengths of the axes, outermost first; copied
   * @return the shape
   * @throws IllegalArgumentException as {@link #of(int...)}, or if an axis exceeds the range of int
   */
  public static Shape of(long[] dims) {
    int[] narrow = new int[dims.length];
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] != (int) dims[i]) {
        throw new IllegalArgumentException(
            "an axis holds at most 2^31 - 1 elements, but the shape is " + Arrays.toString(dims));
      }
      narrow[i] = (int) dims[i];
    }
    return new Shape(narrow);
  }

  /**
   * Returns the number of axes.
   *
   * @return 0 for a scalar
   */
  public int rank() {
    return dims.length;
  }

  /**
   * Returns the length of an axis.
   *
   * @param axis counted from 0; a negative axis counts from the end, so -1 is the innermost
   * @return the number of elements along the axis
   * @throws IllegalArgumentException if there is no such axis
   */
  public int dim(int axis) {
    int i = axis < 0 ? axis + dims.length : axis;
    if (i < 0 || i >= dims.length) {
      throw new IllegalArgumentException("axis " + axis + " does not exist in shape " + this);
    }
    return dims[i];
  }

  /**
   * Returns the number of elements.
   *
   * @return the product of the axes; 1 for a scalar
   */
  public int size() {
    return size;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Shape that && Arrays.equals(dims, that.dims);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(dims);
  }

  /** Returns the axes in brackets, as in {@code [2, 12, 7, 7]}. */
  @Override
  public String toString() {
    return Arrays.stream(dims)
        .mapToObj(Integer::toString)
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
