package dev.sightline.onnx.internal.file;

import dev.sightline.tensor.ElementType;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A weight that is kept outside of the parsed graph, once for all sessions of a model.
 *
 * @param type the type of its elements
 * @param dims its shape
 * @param values the elements, little endian, read-only, in native memory aligned to 64 bytes
 */
public record Weight(ElementType type, List<Long> dims, ByteBuffer values) {
  /** Copies the shape. */
  public Weight {
    dims = List.copyOf(dims);
  }

  /** Returns the number of bytes. */
  public int size() {
    return values.capacity();
  }
}
