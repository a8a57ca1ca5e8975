package dev.sightline.tensor;

/** Reorders elements by their size in bytes, whatever their type. */
final class Elements {
  private Elements() {}

  /** Reverses the byte order of every element, in place. */
  static void reverseBytes(TensorBytes elements, int width) {
    for (long at = 0; at < elements.size(); at += width) {
      switch (width) {
        case 1 -> {}
        case 2 -> elements.put(at, Short.reverseBytes(elements.getShort(at)), 2);
        case 4 -> elements.put(at, Integer.reverseBytes(elements.getInt(at)), 4);
        case 8 -> elements.put(at, Long.reverseBytes(elements.getLong(at)), 8);
        default -> throw new AssertionError("no element has " + width + " bytes");
      }
    }
  }

  /** Column-major (first axis contiguous, as Fortran has it) to row-major. */
  static void toRowMajor(TensorBytes columns, TensorBytes rows, Shape shape, int width) {
    int rank = shape.rank();
    long[] stride = new long[rank];
    long size = width;
    for (int axis = 0; axis < rank; axis++) {
      stride[axis] = size;
      size *= shape.dim(axis);
    }
    int[] index = new int[rank];
    long from = 0;
    for (long to = 0; to < rows.size(); to += width) {
      move(columns, from, rows, to, width);
      for (int axis = rank - 1; axis >= 0; axis--) {
        from += stride[axis];
        if (++index[axis] < shape.dim(axis)) {
          break;
        }
        from -= stride[axis] * shape.dim(axis);
        index[axis] = 0;
      }
    }
  }

  private static void move(TensorBytes in, long from, TensorBytes out, long to, int width) {
    switch (width) {
      case 1 -> out.put(to, in.getByte(from), 1);
      case 2 -> out.put(to, in.getShort(from), 2);
      case 4 -> out.put(to, in.getInt(from), 4);
      case 8 -> out.put(to, in.getLong(from), 8);
      default -> throw new AssertionError("no element has " + width + " bytes");
    }
  }
}
