package dev.sightline.data.internal.batch;

import dev.sightline.onnx.inventory.ModelInputs;
import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Locale;

/**
 * The axis on which an input has its samples: the first, but for caches such as {@code [2, B, H, P,
 * D]}. Where that axis counts heads too, as in {@code [B * H, P, D]}, a sample keeps it.
 */
public final class SampleRows {
  private SampleRows() {}

  /** Returns the axis of an input that counts rows: the one that is named so, else the first. */
  public static int axis(ModelInputs inputs, TensorSpec input) {
    for (int axis = 0; axis < input.dims().size(); axis++) {
      if (isNamedSo(inputs, input.dims().get(axis))) {
        return axis;
      }
    }
    return 0;
  }

  /** Whether an axis has the name that the axis of rows has in the tokens, or says it itself. */
  static boolean isNamedSo(ModelInputs inputs, String axis) {
    boolean same =
        inputs.streams().stream().anyMatch(s -> s.content().dims().getFirst().equals(axis));
    return !axis.equals("?")
        && !axis.chars().allMatch(Character::isDigit)
        && (same || axis.toLowerCase(Locale.ROOT).contains("batch"));
  }

  /**
   * Returns one sample of a tensor that holds several.
   *
   * @param axis the axis of samples
   * @param count how many samples there are, which divides its length
   */
  public static RawTensor row(RawTensor all, int axis, int count, int row) {
    Shape shape = all.shape();
    int kept = shape.dim(axis) / count;
    int[] dims = new int[kept == 1 ? shape.rank() - 1 : shape.rank()];
    int at = 0;
    long before = 1;
    for (int a = 0; a < shape.rank(); a++) {
      before *= a < axis ? shape.dim(a) : 1;
      if (a != axis) {
        dims[at++] = shape.dim(a);
      } else if (kept > 1) {
        dims[at++] = kept;
      }
    }
    long bytes = all.elements().byteSize() / before / count;
    MemorySegment part = MemorySegment.ofArray(new byte[Math.toIntExact(before * bytes)]);
    for (long b = 0; b < before; b++) {
      MemorySegment.copy(all.elements(), (b * count + row) * bytes, part, b * bytes, bytes);
    }
    return RawTensor.of(all.type(), Shape.of(dims), part);
  }

  /** Returns the shape of several samples of one shape, laid out as an input has them. */
  static Shape shape(Shape row, TensorSpec input, int axis, int count) {
    boolean kept = row.rank() == input.dims().size();
    int[] dims = new int[kept ? row.rank() : row.rank() + 1];
    for (int a = 0; a < dims.length; a++) {
      dims[a] =
          a == axis ? (kept ? row.dim(a) * count : count) : row.dim(kept || a < axis ? a : a - 1);
    }
    return Shape.of(dims);
  }

  /** Returns several samples of one shape as an input has them. */
  static RawTensor joined(List<RawTensor> rows, TensorSpec input, int axis) {
    RawTensor first = rows.getFirst();
    long before = 1;
    for (int a = 0; a < axis; a++) {
      before *= first.shape().dim(a);
    }
    long bytes = first.elements().byteSize() / before;
    int count = rows.size();
    MemorySegment all = MemorySegment.ofArray(new byte[Math.toIntExact(before * bytes * count)]);
    for (int row = 0; row < count; row++) {
      for (long b = 0; b < before; b++) {
        MemorySegment.copy(
            rows.get(row).elements(), b * bytes, all, (b * count + row) * bytes, bytes);
      }
    }
    return RawTensor.of(first.type(), shape(first.shape(), input, axis, count), all);
  }
}
