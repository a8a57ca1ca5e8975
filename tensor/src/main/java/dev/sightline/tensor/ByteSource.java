package dev.sightline.tensor;

import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * The bytes of one tensor file or archive entry, read once from front to back, and the one place
 * that turns their defects into messages.
 *
 * <p>Memory follows the bytes that exist, never a number that the file claims: where the length is
 * measured, a tensor that does not fit is refused before anything is allocated; where it is only
 * declared or unknown, the memory grows as the bytes arrive.
 */
final class ByteSource implements AutoCloseable {
  private static final int CHUNK = 1 << 18;
  private static final long FIRST_GUESS = 1L << 20;
  private static final long UNKNOWN = -1;

  private final String label;
  private final InputStream in;
  private final boolean measured;
  private long left;

  private ByteSource(String label, InputStream in, long left, boolean measured) {
    this.label = label;
    this.in = in;
    this.left = left;
    this.measured = measured;
  }

  static ByteSource ofFile(Path file) throws TensorFileException {
    String label = Quoted.of(file.toString());
    if (!Files.isRegularFile(file)) {
      throw new TensorFileException("there is no tensor file " + label);
    }
    try {
      long size = Files.size(file);
      return new ByteSource(label, Files.newInputStream(file), size, true);
    } catch (IOException e) {
      throw unreadable(label, e);
    }
  }

  /** A stream of unknown length. */
  static ByteSource ofStream(String label, InputStream in) {
    return new ByteSource(label, in, UNKNOWN, false);
  }

  /** A stream that claims a length; below 0 for one that does not. */
  static ByteSource ofStream(String label, InputStream in, long declared) {
    return new ByteSource(label, in, Math.max(declared, UNKNOWN), false);
  }

  TensorFileException refusal(String problem) {
    return new TensorFileException(label + " " + problem);
  }

  static TensorFileException unreadable(String label, Exception cause) {
    // A file system's own exceptions have no more to say than the path.
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new TensorFileException(label + " cannot be read: " + Quoted.plain(reason, 200), cause);
  }

  /** How many bytes there are from here on, as measured or declared; below 0 if unknown. */
  long left() {
    return left;
  }

  /** Up to {@code count} bytes; fewer only at the end. */
  byte[] upTo(int count) throws TensorFileException {
    byte[] bytes = new byte[count];
    int read = read(bytes, 0, count);
    return read == count ? bytes : Arrays.copyOf(bytes, read);
  }

  byte[] exactly(int count, String what) throws TensorFileException {
    if (left != UNKNOWN && left < count) {
      throw refusal(
          "ends within its " + what + ": " + count + " bytes expected, " + left + " left");
    }
    byte[] bytes = upTo(count);
    if (bytes.length < count) {
      throw refusal(
          "ends within its " + what + ": " + count + " bytes expected, " + bytes.length + " left");
    }
    return bytes;
  }

  static long littleEndian(byte[] bytes) {
    long value = 0;
    for (int i = bytes.length - 1; i >= 0; i--) {
      value = value << 8 | (bytes[i] & 0xFF);
    }
    return value;
  }

  void skip(long count) throws TensorFileException {
    if (left != UNKNOWN && left < count) {
      throw refusal("is truncated: " + left + " bytes are left, expected more than " + count);
    }
    try {
      in.skipNBytes(count);
      left = left == UNKNOWN ? UNKNOWN : left - count;
    } catch (IOException e) {
      throw unreadable(label, e);
    }
  }

  /** The elements of a tensor with which the bytes must end. */
  TensorBytes lastElements(ElementType type, Shape shape) throws TensorFileException {
    long need = bytes(type, shape);
    if (left > need) {
      throw refusal(
          "has "
              + (left - need)
              + " bytes too many: "
              + taken(type, shape)
              + ", "
              + left
              + " left");
    }
    TensorBytes elements = elements(type, shape);
    if (read(new byte[1], 0, 1) > 0) {
      throw refusal("has more bytes after its elements: " + taken(type, shape));
    }
    return elements;
  }

  TensorBytes elements(ElementType type, Shape shape) throws TensorFileException {
    long need = bytes(type, shape);
    if (left != UNKNOWN && left < need) {
      throw refusal("is truncated: " + taken(type, shape) + ", but " + left + " are left");
    }
    TensorBytes elements = allocate(measured ? need : Math.min(need, FIRST_GUESS), type, shape);
    byte[] chunk = new byte[(int) Math.min(CHUNK, need)];
    for (long at = 0; at < need; ) {
      int read = read(chunk, 0, (int) Math.min(chunk.length, need - at));
      if (read == 0) {
        throw refusal("is truncated: " + taken(type, shape) + ", but only " + at + " are there");
      }
      if (elements.size() < at + read) {
        TensorBytes wider = allocate(Math.min(need, 2 * elements.size()), type, shape);
        wider.put(0, elements, 0, elements.size());
        elements = wider;
      }
      elements.put(at, chunk, 0, read);
      at += read;
    }
    return elements;
  }

  /** Memory for a second copy of a tensor. */
  TensorBytes allocate(ElementType type, Shape shape) throws TensorFileException {
    return allocate(bytes(type, shape), type, shape);
  }

  private TensorBytes allocate(long bytes, ElementType type, Shape shape)
      throws TensorFileException {
    try {
      return TensorBytes.allocateBytes(type, bytes);
    } catch (OutOfMemoryError e) {
      throw new TensorFileException(
          label
              + " does not fit into memory: "
              + taken(type, shape)
              + ", and Java may use "
              + Runtime.getRuntime().maxMemory()
              + " (java -Xmx)",
          e);
    }
  }

  private int read(byte[] into, int from, int count) throws TensorFileException {
    try {
      int read = in.readNBytes(into, from, count);
      left = left == UNKNOWN ? UNKNOWN : Math.max(0, left - read);
      return read;
    } catch (IOException e) {
      throw unreadable(label, e);
    }
  }

  private static long bytes(ElementType type, Shape shape) {
    return (long) shape.size() * type.bytes();
  }

  private static String taken(ElementType type, Shape shape) {
    return type + " " + shape + " takes " + bytes(type, shape) + " bytes";
  }

  @Override
  public void close() throws TensorFileException {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(label, e);
    }
  }
}
