package dev.sightline.tensor;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes NumPy's .npy format, version 1.0, in row-major order: a magic number, a header that is a
 * Python dictionary padded to 64 bytes, then the elements.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int CHUNK = 1 << 16;

  private Npy() {}

  /**
   * Booleans, {@code |b1}. The stream is not closed.
   *
   * @throws IllegalArgumentException if the array's length is not the shape's size
   */
  public static void write(OutputStream out, Shape shape, boolean[] values) throws IOException {
    header(out, "|b1", shape, values.length);
    byte[] chunk = new byte[CHUNK];
    for (int at = 0; at < values.length; at += CHUNK) {
      int size = Math.min(CHUNK, values.length - at);
      for (int k = 0; k < size; k++) {
        chunk[k] = (byte) (values[at + k] ? 1 : 0);
      }
      out.write(chunk, 0, size);
    }
  }

  /**
   * 32-bit floats, {@code <f4}. The stream is not closed.
   *
   * @throws IllegalArgumentException if the array's length is not the shape's size
   */
  public static void write(OutputStream out, Shape shape, float[] values) throws IOException {
    header(out, "<f4", shape, values.length);
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK).order(ByteOrder.LITTLE_ENDIAN);
    for (int at = 0; at < values.length; at += CHUNK / 4) {
      int size = Math.min(CHUNK / 4, values.length - at);
      chunk.clear().asFloatBuffer().put(values, at, size);
      out.write(chunk.array(), 0, 4 * size);
    }
  }

  private static void header(OutputStream out, String type, Shape shape, int length)
      throws IOException {
    if (length != shape.size()) {
      throw new IllegalArgumentException(
          "shape " + shape + " has " + shape.size() + " elements, but the array has " + length);
    }
    StringBuilder tuple = new StringBuilder();
    for (int axis = 0; axis < shape.rank(); axis++) {
      tuple.append(shape.dim(axis)).append(shape.rank() == 1 || axis + 1 < shape.rank() ? "," : "");
      tuple.append(axis + 1 < shape.rank() ? " " : "");
    }
    String header = "{'descr': '" + type + "', 'fortran_order': False, 'shape': (" + tuple + "), }";
    int unpadded = MAGIC.length + 2 + header.length() + 1;
    header += " ".repeat(Math.floorMod(-unpadded, 64)) + "\n";
    out.write(MAGIC);
    out.write(header.length() & 0xFF);
    out.write(header.length() >> 8);
    out.write(header.getBytes(StandardCharsets.US_ASCII));
  }
}
