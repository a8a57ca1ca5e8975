package dev.sightline.data.internal.axis;

import dev.sightline.onnx.inventory.TensorSpec;
import dev.sightline.tensor.ElementType;
import dev.sightline.tensor.RawTensor;
import dev.sightline.tensor.Shape;
import dev.sightline.tensor.TensorBytes;

/** How a sample keeps the part of a mask that is about its cache: {@code [P]}, 1 at real tokens. */
public final class PastBits {
  private PastBits() {}

  /** Returns the name under which a sample keeps it among its other inputs. */
  public static String key(TensorSpec mask) {
    return mask.name() + " of the cache";
  }

  /** Returns the part as a sample keeps it. */
  public static RawTensor of(long[] bits) {
    return RawTensor.of(ElementType.INT64, Shape.of(bits.length), TensorBytes.of(bits));
  }
}
