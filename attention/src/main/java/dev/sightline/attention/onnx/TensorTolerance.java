package dev.sightline.attention.onnx;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import java.util.Locale;
import java.util.Optional;

/**
 * The limit of the difference between a computed and an expected element: {@code absolute +
 * relative * |expected|}. NaN and infinities are right only where they are expected.
 */
record TensorTolerance(double relative, double absolute) {
  /**
   * A few steps of the type, since the expected values were computed with rounding as well. The
   * ONNX project's own cases are met to one step of float16 and bfloat16, and to 2.4e-7.
   */
  static TensorTolerance of(ElementType type) {
    return switch (type) {
      case FLOAT16 -> new TensorTolerance(0x1p-9, 0x1p-9);
      case BFLOAT16 -> new TensorTolerance(0x1p-6, 0x1p-7);
      default -> new TensorTolerance(1e-4, 1e-5);
    };
  }

  /** Describes the largest difference beyond the limit, or the wrong type or shape; or empty. */
  static Optional<String> problem(RawTensor is, RawTensor expected) {
    if (is.type() != expected.type() || !is.shape().equals(expected.shape())) {
      return Optional.of("is " + is + ", expected " + expected);
    }
    return of(expected.type())
        .largest(is.toFloats().data(), expected.toFloats().data(), is.shape());
  }

  private Optional<String> largest(float[] is, float[] expected, Shape shape) {
    int worst = -1;
    double most = 0;
    for (int i = 0; i < is.length; i++) {
      double difference = difference(is[i], expected[i]);
      if (difference > absolute + relative * Math.abs(expected[i]) && difference > most) {
        worst = i;
        most = difference;
      }
    }
    if (worst < 0) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "largest difference %.3g at %s, %s for %s, tolerance %.1g + %.1g of the value",
            most,
            index(worst, shape),
            is[worst],
            expected[worst],
            absolute,
            relative));
  }

  private static double difference(float is, float expected) {
    if (is == expected || (Float.isNaN(is) && Float.isNaN(expected))) {
      return 0;
    }
    double difference = Math.abs((double) is - expected);
    return Double.isNaN(difference) ? Double.POSITIVE_INFINITY : difference;
  }

  private static Shape index(int offset, Shape shape) {
    int[] index = new int[shape.rank()];
    int rest = offset;
    for (int axis = index.length - 1; axis >= 0; axis--) {
      index[axis] = rest % shape.dim(axis);
      rest /= shape.dim(axis);
    }
    return Shape.of(index);
  }
}
