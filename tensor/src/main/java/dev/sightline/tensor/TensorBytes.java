package dev.sightline.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a tensor's elements, little-endian, of any length.
 *
 * <p>A Java array or buffer of bytes ends at 2 GiB, a quarter of what a float32 {@link Shape} can
 * hold. So the bytes are in buffers of 1 GiB each, of which the last may be shorter, or under an
 * array of floats, which {@link RawTensor#toFloats()} then returns without a copy. {@code
 * java.lang.foreign.MemorySegment} would do the same, but is a preview in Java 21.
 */
public final class TensorBytes {
  private static final int PART_BITS = 30;
  private static final int PART = 1 << PART_BITS;
  private static final int CHUNK = 1 << 13; // bytes
  private static final ByteBuffer[] NONE = {};

  private final ByteBuffer[] parts; // none where floats are given
  private final float @Nullable [] floats;
  private final long offset; // of the first byte, in the parts or the floats
  private final long size;
  private final boolean readOnly;

  private TensorBytes(
      ByteBuffer[] parts, float @Nullable [] floats, long offset, long size, boolean readOnly) {
    this.parts = parts;
    this.floats = floats;
    this.offset = offset;
    this.size = size;
    this.readOnly = readOnly;
  }

  /**
   * Returns the bytes of an array, which is not copied.
   *
   * @param bytes little-endian elements
   * @return the bytes
   */
  public static TensorBytes of(byte[] bytes) {
    return of(ByteBuffer.wrap(bytes));
  }

  /**
   * Returns the remaining bytes of a buffer, which is not copied. The buffer's own order does not
   * matter.
   *
   * @param bytes little-endian elements
   * @return the bytes, read-only if the buffer is
   */
  public static TensorBytes of(ByteBuffer bytes) {
    int size = bytes.remaining();
    ByteBuffer[] parts = new ByteBuffer[parts(size)];
    for (int p = 0; p < parts.length; p++) {
      int length = Math.min(PART, size - p * PART);
      parts[p] = bytes.slice(bytes.position() + p * PART, length).order(ByteOrder.LITTLE_ENDIAN);
    }
    return new TensorBytes(parts, null, 0, size, bytes.isReadOnly());
  }

  /**
   * Returns the bytes of float32 elements. The array is not copied.
   *
   * @param floats the elements
   * @return four bytes for each
   */
  public static TensorBytes of(float[] floats) {
    return new TensorBytes(NONE, floats, 0, 4L * floats.length, false);
  }

  /**
   * Returns the bytes of int64 elements. The array is copied.
   *
   * @param longs the elements
   * @return eight bytes for each
   */
  public static TensorBytes of(long[] longs) {
    TensorBytes bytes = allocate(ElementType.INT64, longs.length);
    for (int p = 0; p < bytes.parts.length; p++) {
      int from = p * (PART / 8);
      bytes.parts[p].asLongBuffer().put(longs, from, Math.min(PART / 8, longs.length - from));
    }
    return bytes;
  }

  /**
   * Returns zeros on the heap: an array of floats for float32, else bytes.
   *
   * @param type the type of the elements
   * @param count how many, at least 0
   * @return the bytes, which may be written to
   */
  public static TensorBytes allocate(ElementType type, int count) {
    return allocateBytes(type, (long) count * type.bytes());
  }

  static TensorBytes allocateBytes(ElementType type, long size) {
    if (type == ElementType.FLOAT32) {
      return of(new float[(int) (size / 4)]);
    }
    ByteBuffer[] parts = new ByteBuffer[parts(size)];
    for (int p = 0; p < parts.length; p++) {
      int length = (int) Math.min(PART, size - (long) p * PART);
      parts[p] = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
    }
    return new TensorBytes(parts, null, 0, size, false);
  }

  private static int parts(long size) {
    return (int) ((size + PART - 1) >>> PART_BITS);
  }

  /**
   * Returns the number of bytes.
   *
   * @return the size, at least 0
   */
  public long size() {
    return size;
  }

  /**
   * Returns the same bytes, not to be written to.
   *
   * @return these bytes if they are read-only already
   */
  public TensorBytes asReadOnly() {
    return readOnly ? this : new TensorBytes(parts, floats, offset, size, true);
  }

  /**
   * Returns a part of these bytes, which is not copied.
   *
   * @param from its first byte
   * @param count its length in bytes
   * @return the part
   * @throws IndexOutOfBoundsException if it is not within these bytes
   */
  public TensorBytes slice(long from, long count) {
    Objects.checkFromIndexSize(from, count, size);
    return new TensorBytes(parts, floats, offset + from, count, readOnly);
  }

  /** The whole array under these bytes, or null if they are not all of one. */
  float @Nullable [] wholeFloats() {
    return floats != null && offset == 0 && size == 4L * floats.length ? floats : null;
  }

  /**
   * Returns a byte.
   *
   * @param at its index
   * @return the byte
   * @throws IndexOutOfBoundsException if there is none
   */
  public byte getByte(long at) {
    long index = offset + Objects.checkIndex(at, size);
    if (floats != null) {
      int bits = Float.floatToRawIntBits(floats[(int) (index >> 2)]);
      return (byte) (bits >>> (8 * (int) (index & 3)));
    }
    return part(index).get(within(index));
  }

  /**
   * Returns two bytes as a number.
   *
   * @param at the index of the first byte
   * @return the number, little-endian
   * @throws IndexOutOfBoundsException if they are not within these bytes
   */
  public short getShort(long at) {
    Objects.checkFromIndexSize(at, 2, size);
    long index = offset + at;
    return floats == null && within(index) <= PART - 2
        ? part(index).getShort(within(index))
        : (short) bits(at, 2);
  }

  /**
   * Returns four bytes as a number.
   *
   * @param at the index of the first byte
   * @return the number, little-endian
   * @throws IndexOutOfBoundsException if they are not within these bytes
   */
  public int getInt(long at) {
    Objects.checkFromIndexSize(at, 4, size);
    long index = offset + at;
    if (floats != null && (index & 3) == 0) {
      return Float.floatToRawIntBits(floats[(int) (index >> 2)]);
    }
    return floats == null && within(index) <= PART - 4
        ? part(index).getInt(within(index))
        : (int) bits(at, 4);
  }

  /**
   * Returns eight bytes as a number.
   *
   * @param at the index of the first byte
   * @return the number, little-endian
   * @throws IndexOutOfBoundsException if they are not within these bytes
   */
  public long getLong(long at) {
    Objects.checkFromIndexSize(at, 8, size);
    long index = offset + at;
    return floats == null && within(index) <= PART - 8
        ? part(index).getLong(within(index))
        : bits(at, 8);
  }

  /**
   * Returns four bytes as a float32.
   *
   * @param at the index of the first byte
   * @return the number
   * @throws IndexOutOfBoundsException if they are not within these bytes
   */
  public float getFloat(long at) {
    return Float.intBitsToFloat(getInt(at));
  }

  /**
   * Returns eight bytes as a float64.
   *
   * @param at the index of the first byte
   * @return the number
   * @throws IndexOutOfBoundsException if they are not within these bytes
   */
  public double getDouble(long at) {
    return Double.longBitsToDouble(getLong(at));
  }

  /** Bytes that are in two buffers, or in two floats. */
  private long bits(long at, int count) {
    long bits = 0;
    for (int i = count - 1; i >= 0; i--) {
      bits = (bits << 8) | (getByte(at + i) & 0xFF);
    }
    return bits;
  }

  /** Writes the low bytes of a number, the lowest one first. */
  void put(long at, long bits, int count) {
    requireWritable();
    Objects.checkFromIndexSize(at, count, size);
    long index = offset + at;
    if (floats != null && count == 4 && (index & 3) == 0) {
      floats[(int) (index >> 2)] = Float.intBitsToFloat((int) bits);
    } else if (floats == null && within(index) <= PART - count) {
      switch (count) {
        case 1 -> part(index).put(within(index), (byte) bits);
        case 2 -> part(index).putShort(within(index), (short) bits);
        case 4 -> part(index).putInt(within(index), (int) bits);
        default -> part(index).putLong(within(index), bits);
      }
    } else {
      for (int i = 0; i < count; i++) {
        putByte(index + i, (byte) (bits >>> (8 * i)));
      }
    }
  }

  private void putByte(long index, byte value) {
    if (floats == null) {
      part(index).put(within(index), value);
      return;
    }
    int shift = 8 * (int) (index & 3);
    int bits = Float.floatToRawIntBits(floats[(int) (index >> 2)]);
    bits = (bits & ~(0xFF << shift)) | ((value & 0xFF) << shift);
    floats[(int) (index >> 2)] = Float.intBitsToFloat(bits);
  }

  /**
   * Writes eight bytes, as a float64.
   *
   * @param at the index of the first byte
   * @param value the number
   * @throws IndexOutOfBoundsException if they are not within these bytes
   * @throws UnsupportedOperationException if these bytes are read-only
   */
  public void putDouble(long at, double value) {
    put(at, Double.doubleToRawLongBits(value), 8);
  }

  /**
   * Writes bytes of an array.
   *
   * @param at the index of the first byte to write
   * @param from the array
   * @param first the index of the first byte in the array
   * @param count how many
   * @throws IndexOutOfBoundsException if they are not within these bytes and the array
   * @throws UnsupportedOperationException if these bytes are read-only
   */
  public void put(long at, byte[] from, int first, int count) {
    requireWritable();
    Objects.checkFromIndexSize(at, count, size);
    Objects.checkFromIndexSize(first, count, from.length);
    if (floats != null && ((offset + at | count) & 3) == 0) {
      ByteBuffer.wrap(from, first, count)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .get(floats, (int) ((offset + at) >> 2), count >> 2);
      return;
    }
    for (int done = 0; done < count; ) {
      long index = offset + at + done;
      if (floats != null) {
        putByte(index, from[first + done++]);
      } else {
        int run = Math.min(count - done, PART - within(index));
        part(index).put(within(index), from, first + done, run);
        done += run;
      }
    }
  }

  /**
   * Writes bytes of other ones.
   *
   * @param at the index of the first byte to write
   * @param from the others
   * @param first the index of the first of them
   * @param count how many
   * @throws IndexOutOfBoundsException if they are not within these bytes and the others
   * @throws UnsupportedOperationException if these bytes are read-only
   */
  public void put(long at, TensorBytes from, long first, long count) {
    requireWritable();
    Objects.checkFromIndexSize(at, count, size);
    Objects.checkFromIndexSize(first, count, from.size);
    if (floats != null
        && from.floats != null
        && ((offset + at | from.offset + first | count) & 3) == 0) {
      int source = (int) ((from.offset + first) >> 2);
      System.arraycopy(from.floats, source, floats, (int) ((offset + at) >> 2), (int) (count >> 2));
      return;
    }
    if (floats == null && from.floats == null) {
      for (long done = 0; done < count; ) {
        long index = offset + at + done;
        long source = from.offset + first + done;
        int run = (int) Math.min(count - done, PART - Math.max(within(index), within(source)));
        part(index).put(within(index), from.part(source), within(source), run);
        done += run;
      }
      return;
    }
    byte[] chunk = new byte[(int) Math.min(CHUNK, count)];
    for (long done = 0; done < count; done += chunk.length) {
      int run = (int) Math.min(chunk.length, count - done);
      from.copyTo(first + done, chunk, 0, run);
      put(at + done, chunk, 0, run);
    }
  }

  /**
   * Copies bytes to an array.
   *
   * @param from the index of the first byte to copy
   * @param to the array
   * @param at the index of the first byte in the array
   * @param count how many
   * @throws IndexOutOfBoundsException if they are not within these bytes and the array
   */
  public void copyTo(long from, byte[] to, int at, int count) {
    Objects.checkFromIndexSize(from, count, size);
    Objects.checkFromIndexSize(at, count, to.length);
    if (floats != null && ((offset + from | count) & 3) == 0) {
      ByteBuffer.wrap(to, at, count)
          .order(ByteOrder.LITTLE_ENDIAN)
          .asFloatBuffer()
          .put(floats, (int) ((offset + from) >> 2), count >> 2);
      return;
    }
    for (int done = 0; done < count; ) {
      long index = offset + from + done;
      if (floats != null) {
        to[at + done] = getByte(from + done);
        done++;
      } else {
        int run = Math.min(count - done, PART - within(index));
        part(index).get(within(index), to, at + done, run);
        done += run;
      }
    }
  }

  /**
   * Returns a copy of all bytes.
   *
   * @return a new array
   * @throws IllegalArgumentException if they are more than an array can hold
   */
  public byte[] toArray() {
    if (size > Integer.MAX_VALUE - 16) {
      throw new IllegalArgumentException(
          "an array holds at most 2 GiB, but these are " + size + " bytes");
    }
    byte[] all = new byte[(int) size];
    copyTo(0, all, 0, all.length);
    return all;
  }

  private void requireWritable() {
    if (readOnly) {
      throw new UnsupportedOperationException("the bytes of a tensor cannot be changed");
    }
  }

  private ByteBuffer part(long index) {
    return parts[(int) (index >>> PART_BITS)];
  }

  private static int within(long index) {
    return (int) index & (PART - 1);
  }

  /** The number of bytes, as in {@code 24 bytes}. */
  @Override
  public String toString() {
    return size + " bytes";
  }
}
