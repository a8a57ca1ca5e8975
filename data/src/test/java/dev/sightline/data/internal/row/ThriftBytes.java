package dev.sightline.data.internal.row;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes a structure of Thrift's compact protocol, and Parquet files of one column of texts. */
final class ThriftBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int last;

  private ThriftBytes field(int id, int type) {
    out.write(((id - last) << 4) | type);
    last = id;
    return this;
  }

  ThriftBytes i32(int id, long value) {
    return field(id, 5).zigzag(value);
  }

  ThriftBytes i64(int id, long value) {
    return field(id, 6).zigzag(value);
  }

  ThriftBytes text(int id, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    return field(id, 8).varint(bytes.length).raw(bytes);
  }

  ThriftBytes struct(int id, ThriftBytes value) {
    return field(id, 12).raw(value.end());
  }

  /** A list of at most 14 elements, each already written. */
  ThriftBytes list(int id, int element, List<byte[]> elements) {
    field(id, 9);
    out.write((elements.size() << 4) | element);
    elements.forEach(this::raw);
    return this;
  }

  /** A list that claims a size, of elements that are not there. */
  ThriftBytes claimedList(int id, int element, long size) {
    field(id, 9);
    out.write(0xF0 | element);
    return varint(size);
  }

  /** A text that claims a size. */
  ThriftBytes claimedText(int id, long size) {
    return field(id, 8).varint(size);
  }

  /** Structures in structures. */
  ThriftBytes nested(int id, int depth) {
    field(id, 12);
    for (int i = 1; i < depth; i++) {
      out.write((1 << 4) | 12);
    }
    for (int i = 0; i < depth; i++) {
      out.write(0);
    }
    return this;
  }

  private ThriftBytes raw(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  private ThriftBytes zigzag(long value) {
    return varint((value << 1) ^ (value >> 63));
  }

  private ThriftBytes varint(long value) {
    long left = value;
    for (; left >>> 7 != 0; left >>>= 7) {
      out.write((int) ((left & 0x7F) | 0x80));
    }
    out.write((int) left);
    return this;
  }

  /** Returns the structure with its end. */
  byte[] end() {
    out.write(0);
    return out.toByteArray();
  }

  /** The header of a page of a number of plain strings, without an end. */
  static ThriftBytes pageHeader(int bytes, int strings) {
    ThriftBytes data = new ThriftBytes().i32(1, strings).i32(2, 0).i32(3, 3).i32(4, 3);
    return new ThriftBytes().i32(1, 0).i32(2, bytes).i32(3, bytes).struct(5, data);
  }

  /** The footer of {@link #file}, without an end. */
  static ThriftBytes footer(long strings, long chunk) {
    byte[] plain = {0};
    byte[] path = {4, 't', 'e', 'x', 't'};
    ThriftBytes column =
        new ThriftBytes()
            .i32(1, 6)
            .list(2, 5, List.of(plain))
            .list(3, 8, List.of(path))
            .i32(4, 0)
            .i64(5, strings)
            .i64(6, chunk)
            .i64(7, chunk)
            .i64(9, 4);
    byte[] columnChunk = new ThriftBytes().i64(2, 4).struct(3, column).end();
    byte[] group =
        new ThriftBytes().list(1, 12, List.of(columnChunk)).i64(2, chunk).i64(3, strings).end();
    byte[] root = new ThriftBytes().text(4, "schema").i32(5, 1).end();
    byte[] text = new ThriftBytes().i32(1, 6).i32(3, 0).text(4, "text").i32(6, 0).end();
    return new ThriftBytes()
        .i32(1, 1)
        .list(2, 12, List.of(root, text))
        .i64(3, strings)
        .list(4, 12, List.of(group));
  }

  /** A file of pages that begin with headers, with a footer. */
  static byte[] file(List<byte[]> pages, byte[] footer) {
    ThriftBytes file = new ThriftBytes().raw(magic());
    pages.forEach(file::raw);
    byte[] size =
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(footer.length).array();
    return file.raw(footer).raw(size).raw(magic()).out.toByteArray();
  }

  private static byte[] magic() {
    return "PAR1".getBytes(StandardCharsets.US_ASCII);
  }

  /** The bytes of plain strings. */
  static byte[] strings(List<String> texts) {
    ThriftBytes all = new ThriftBytes();
    for (String text : texts) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      all.raw(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(bytes.length).array());
      all.raw(bytes);
    }
    return all.out.toByteArray();
  }

  static byte[] joined(byte[] a, byte[] b) {
    return new ThriftBytes().raw(a).raw(b).out.toByteArray();
  }
}
