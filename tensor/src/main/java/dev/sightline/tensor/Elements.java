package dev.sightline.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reorders elements by their size in bytes, whatever their type. */
final class Elements {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private Elements() {}

  /** Reverses the byte order of every element, in place. */
  static void reverseBytes(MemorySegment elements, int width) {
    for (long at = 0; at < elements.byteSize(); at += width) {
      switch (width) {
        case 1 -> {}
        case 2 -> elements.set(SHORT, at, Short.reverseBytes(elements.get(SHORT, at)));
        case 4 -> elements.set(INT, at, Integer.reverseBytes(elements.get(INT, at)));
        case 8 -> elements.set(LONG, at, Long.reverseBytes(elements.get(LONG, at)));
        default -> throw new AssertionError("no element has " + width + " bytes");
      }
    }
  }

  /** Column-major (first axis contiguous, as Fortran has it) to row-major. */
  static void toRowMajor(MemorySegment columns, MemorySegment rows, Shape shape, int width) {
    int rank = shape.rank();
    long[] stride = new long[rank];
    long size = width;
    for (int axis = 0; axis < rank; axis++) {
      stride[axis] = size;
      size *= shape.dim(axis);
    }
    int[] index = new int[rank];
    long from = 0;
    for (long to = 0; to < rows.byteSize(); to += width) {
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

  private static void move(MemorySegment in, long from, MemorySegment out, long to, int width) {
    switch (width) {
      case 1 -> out.set(BYTE, to, in.get(BYTE, from));
      case 2 -> out.set(SHORT, to, in.get(SHORT, from));
      case 4 -> out.set(INT, to, in.get(INT, from));
      case 8 -> out.set(LONG, to, in.get(LONG, from));
      default -> throw new AssertionError("no element has " + width + " bytes");
    }
  }
}
