package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * NumPy's .npy format: a magic number, a header that is a Python dictionary padded to 64 bytes,
 * then the elements. Read in versions 1.0, 2.0 and 3.0 in any order of bytes and axes; written in
 * version 1.0, little-endian and row-major.
 */
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0};
  private static final int CHUNK = 1 << 16;

  private Npy() {}

  /**
   * Reads a .npy file: booleans, integers of 8 to 64 bits, floats of 16 to 64 bits.
   *
   * @param file the .npy file
   * @return the tensor, row-major and little-endian
   * @throws TensorFileException if there is no such file, if it is damaged or of another format, or
   *     if its elements are of another type
   */
  public static RawTensor read(Path file) throws TensorFileException {
    try (ByteSource source = ByteSource.ofFile(file)) {
      return read(source);
    }
  }

  /**
   * Reads a stream to its end, which must be the end of one .npy file. The stream is not closed.
   *
   * @param in the bytes of the file
   * @param name the name of the stream in messages
   * @return the tensor, row-major and little-endian
   * @throws TensorFileException as {@link #read(Path)}
   */
  public static RawTensor read(InputStream in, String name) throws TensorFileException {
    return read(ByteSource.ofStream(Quoted.of(name), in));
  }

  static RawTensor read(ByteSource source) throws TensorFileException {
    NpyHeader header = NpyHeader.read(source);
    ElementType type = header.type();
    Shape shape = header.shape();
    TensorBytes elements = source.lastElements(type, shape);
    if (header.order() == ByteOrder.BIG_ENDIAN) {
      Elements.reverseBytes(elements, type.bytes());
    }
    if (header.fortran() && shape.rank() > 1) {
      TensorBytes rows = source.allocate(type, shape);
      Elements.toRowMajor(elements, rows, shape, type.bytes());
      elements = rows;
    }
    return RawTensor.of(type, shape, elements);
  }

  /**
   * Writes a tensor in its own element type. The stream is not closed.
   *
   * @param out where the bytes go
   * @param tensor of any type but bfloat16
   * @throws IOException if the stream cannot be written
   * @throws IllegalArgumentException for bfloat16, which the format does not have
   */
  public static void write(OutputStream out, RawTensor tensor) throws IOException {
    String descr =
        switch (tensor.type()) {
          case BOOL -> "|b1";
          case INT8 -> "|i1";
          case UINT8 -> "|u1";
          case INT16 -> "<i2";
          case UINT16 -> "<u2";
          case INT32 -> "<i4";
          case UINT32 -> "<u4";
          case INT64 -> "<i8";
          case UINT64 -> "<u8";
          case FLOAT16 -> "<f2";
          case FLOAT32 -> "<f4";
          case FLOAT64 -> "<f8";
          case BFLOAT16 ->
              throw new IllegalArgumentException(
                  "a .npy file cannot hold " + tensor + "; write it as float32");
        };
    header(out, descr, tensor.shape(), tensor.shape().size());
    TensorBytes elements = tensor.elements();
    byte[] chunk = new byte[CHUNK];
    for (long at = 0; at < elements.size(); at += CHUNK) {
      int size = (int) Math.min(CHUNK, elements.size() - at);
      elements.copyTo(at, chunk, 0, size);
      out.write(chunk, 0, size);
    }
  }

  /**
   * Writes booleans as {@code |b1}. The stream is not closed.
   *
   * @param out where the bytes go
   * @param shape lengths of the axes
   * @param values the elements in row-major order
   * @throws IOException if the stream cannot be written
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
   * Writes 32-bit floats as {@code <f4}. The stream is not closed.
   *
   * @param out where the bytes go
   * @param shape lengths of the axes
   * @param values the elements in row-major order
   * @throws IOException if the stream cannot be written
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
