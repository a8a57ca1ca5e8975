package dev.sightline.attention.onnx;

import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.FloatTensor;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;
import org.jspecify.annotations.Nullable;

/** Reorders and joins the heads and tokens of stored tensors of any element type. */
final class HeadTensors {
  private HeadTensors() {}

  /** {@code [B, L, H * D]} as {@code [B, H, L, D]}; a tensor of four axes is returned as it is. */
  static RawTensor headsFirst(RawTensor x, int heads) {
    if (x.shape().rank() == 4) {
      return x;
    }
    int batch = x.shape().dim(0);
    int tokens = x.shape().dim(1);
    int size = x.shape().dim(2) / heads;
    return swapped(x, batch, tokens, heads, size, Shape.of(batch, heads, tokens, size));
  }

  /** {@code [B, H, L, D]} as {@code [B, L, H * D]}. */
  static RawTensor tokensFirst(RawTensor x) {
    int batch = x.shape().dim(0);
    int heads = x.shape().dim(1);
    int tokens = x.shape().dim(2);
    int size = x.shape().dim(3);
    return swapped(x, batch, heads, tokens, size, Shape.of(batch, tokens, heads * size));
  }

  private static RawTensor swapped(
      RawTensor x, int batch, int outer, int inner, int size, Shape shape) {
    TensorBytes to = TensorBytes.allocate(x.type(), shape.size());
    long row = (long) size * x.type().bytes();
    for (int b = 0; b < batch; b++) {
      for (int o = 0; o < outer; o++) {
        for (int i = 0; i < inner; i++) {
          long source = ((long) b * outer + o) * inner + i;
          long target = ((long) b * inner + i) * outer + o;
          to.put(target * row, x.elements(), source * row, row);
        }
      }
    }
    return RawTensor.of(x.type(), shape, to);
  }

  /** {@code [B, H, P, D]} and {@code [B, H, L, D]} as {@code [B, H, P + L, D]}. */
  static RawTensor joined(@Nullable RawTensor past, RawTensor next) {
    if (past == null) {
      return next;
    }
    Shape s = next.shape();
    Shape shape =
        Shape.of(new long[] {s.dim(0), s.dim(1), (long) past.shape().dim(2) + s.dim(2), s.dim(3)});
    TensorBytes to = TensorBytes.allocate(next.type(), shape.size());
    int heads = s.dim(0) * s.dim(1);
    long pastBytes = heads == 0 ? 0 : past.elements().size() / heads;
    long nextBytes = heads == 0 ? 0 : next.elements().size() / heads;
    for (int head = 0; head < heads; head++) {
      long at = head * (pastBytes + nextBytes);
      to.put(at, past.elements(), head * pastBytes, pastBytes);
      to.put(at + pastBytes, next.elements(), head * nextBytes, nextBytes);
    }
    return RawTensor.of(next.type(), shape, to);
  }

  /** Rounds computed values to a floating-point type. */
  static RawTensor stored(Shape shape, float[] values, ElementType type) {
    if (type != ElementType.FLOAT64) {
      return RawTensor.ofFloats(FloatTensor.of(shape, values), type);
    }
    TensorBytes elements = TensorBytes.allocate(type, shape.size());
    for (int i = 0; i < values.length; i++) {
      elements.putDouble(8L * i, values[i]);
    }
    return RawTensor.of(type, shape, elements);
  }
}
