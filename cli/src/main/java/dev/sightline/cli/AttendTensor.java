package dev.sightline.cli;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.io.IOException;

/**
 * Queries, keys or values, {@code [B, H, L, D]}: leading axes that its file lacks are 1.
 *
 * @param source the argument of the command line
 */
record AttendTensor(String source, RawTensor tensor) {
  private static final int RANK = 4;

  static AttendTensor read(String argument) throws IOException {
    RawTensor tensor = TensorArgument.parse(argument).read();
    AttendTensor read = new AttendTensor(argument, tensor);
    int rank = tensor.shape().rank();
    if (rank < 2 || rank > RANK) {
      throw new IOException(
          read + " has " + rank + " axes; expected [B, H, L, D], [H, L, D] or [L, D]");
    }
    if (tensor.type() == ElementType.BOOL) {
      throw new IOException(read + " is not a tensor of numbers");
    }
    return read;
  }

  int batch() {
    return axis(0);
  }

  int heads() {
    return axis(1);
  }

  int tokens() {
    return axis(2);
  }

  int headSize() {
    return axis(3);
  }

  private int axis(int axis) {
    int missing = RANK - tensor.shape().rank();
    return axis < missing ? 1 : tensor.shape().dim(axis - missing);
  }

  boolean isHalf() {
    return tensor.type() == ElementType.FLOAT16 || tensor.type() == ElementType.BFLOAT16;
  }

  /** Refuses a size that differs from that of another tensor. */
  void mustHave(String what, int size, AttendTensor other, int otherSize) {
    if (size != otherSize) {
      throw new IllegalArgumentException(
          this + " and " + other + " differ in the " + what + ", " + size + " and " + otherSize);
    }
  }

  /** The shape of an output: the last of the given axes, without the leading ones of this file. */
  Shape like(int... dims) {
    int rank = tensor.shape().rank() - RANK + dims.length;
    int[] last = new int[rank];
    System.arraycopy(dims, dims.length - rank, last, 0, rank);
    return Shape.of(last);
  }

  /** As in {@code q.npy float32 [1, 2, 5, 8]}. */
  @Override
  public String toString() {
    return source + " " + tensor;
  }
}
