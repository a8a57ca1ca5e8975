package dev.sightline.data.internal.row;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Walks a structure of Thrift's compact protocol and reads none of it, so that a reader without
 * limits can be given what has passed. A structure passes if it ends within its bytes, if what a
 * list, a map or a string says it holds fits in them, and if nothing nests deeper than any writer
 * does. Each element takes a byte at least: lists of booleans, which a reader may take for elements
 * of no bytes, are in no header.
 *
 * <p>The lists that a reader knows must hold what it expects, since it does not look: it would read
 * on at another byte than this walk.
 */
final class ThriftWalk {
  /** A schema's logical types nest four deep, a footer's statistics six. */
  private static final int DEEPEST = 24;

  private static final int TRUE = 1;
  private static final int FALSE = 2;
  private static final int BYTE = 3;
  private static final int I16 = 4;
  private static final int I32 = 5;
  private static final int I64 = 6;
  private static final int DOUBLE = 7;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int SET = 10;
  private static final int MAP = 11;
  private static final int STRUCT = 12;

  private static final Struct LEAF = new Struct(Map.of());

  /** What its members are that are structures or lists, by number. */
  record Struct(Map<Integer, Member> members) {}

  /**
   * A member.
   *
   * @param element the type of a list's elements; the type of a structure for one
   * @param struct what a structure, or each element of a list of them, is
   */
  private record Member(boolean isList, int element, Struct struct) {
    static Member listOf(int element) {
      return new Member(true, element, LEAF);
    }

    static Member listOf(Struct struct) {
      return new Member(true, STRUCT, struct);
    }

    static Member of(Struct struct) {
      return new Member(false, STRUCT, struct);
    }
  }

  private static final Struct SIZE_STATISTICS =
      new Struct(Map.of(2, Member.listOf(I64), 3, Member.listOf(I64)));

  private static final Struct GEOSPATIAL = new Struct(Map.of(2, Member.listOf(I32)));

  private static final Struct COLUMN =
      new Struct(
          Map.of(
              2, Member.listOf(I32),
              3, Member.listOf(BINARY),
              8, Member.listOf(LEAF),
              13, Member.listOf(LEAF),
              16, Member.of(SIZE_STATISTICS),
              17, Member.of(GEOSPATIAL)));

  private static final Struct COLUMN_CHUNK = new Struct(Map.of(3, Member.of(COLUMN)));

  private static final Struct ROW_GROUP =
      new Struct(Map.of(1, Member.listOf(COLUMN_CHUNK), 4, Member.listOf(LEAF)));

  /** The FileMetaData of a Parquet file. */
  static final Struct FOOTER =
      new Struct(
          Map.of(
              2, Member.listOf(LEAF),
              4, Member.listOf(ROW_GROUP),
              5, Member.listOf(LEAF),
              7, Member.listOf(LEAF)));

  /** The PageHeader before each page; it holds no list. */
  static final Struct PAGE_HEADER = LEAF;

  /** The OffsetIndex of a column chunk. */
  static final Struct OFFSET_INDEX =
      new Struct(Map.of(1, Member.listOf(LEAF), 2, Member.listOf(I64)));

  /** Thrown where the bytes end before the structure does. */
  static final class Cut extends IOException {
    private static final long serialVersionUID = 1L;

    Cut() {
      super("it ends within its own structure");
    }
  }

  private final ByteBuffer bytes;

  private ThriftWalk(ByteBuffer bytes) {
    this.bytes = bytes;
  }

  /**
   * Walks the structure at the position of a buffer.
   *
   * @return how many bytes it takes; the buffer is as before
   * @throws Cut if it does not end within the buffer
   * @throws IOException if it cannot be what it says
   */
  static int walk(ByteBuffer bytes, Struct struct) throws IOException {
    ByteBuffer own = bytes.duplicate();
    new ThriftWalk(own).struct(struct, 1);
    return own.position() - bytes.position();
  }

  private void struct(Struct struct, int depth) throws IOException {
    if (depth > DEEPEST) {
      throw new IOException("it nests more than " + DEEPEST + " levels");
    }
    short id = 0;
    for (int header = next(); header != 0; header = next()) {
      int delta = header >> 4;
      id = delta == 0 ? (short) zigzag(varint()) : (short) (id + delta);
      int type = header & 15;
      Member member = struct.members.get((int) id);
      boolean known = member != null && type == (member.isList ? LIST : STRUCT);
      value(type, known ? member : null, depth);
    }
  }

  private void value(int type, @Nullable Member member, int depth) throws IOException {
    switch (type) {
      case TRUE, FALSE -> {} // in the header itself
      case BYTE -> next();
      case I16, I32, I64 -> varint();
      case DOUBLE -> skip(8);
      case BINARY -> skip(count("a string of", 1));
      case LIST, SET -> list(member, depth);
      case MAP -> map(depth);
      case STRUCT -> struct(member == null ? LEAF : member.struct, depth + 1);
      default -> throw new IOException("it has a field of no known type, " + type);
    }
  }

  private void list(@Nullable Member member, int depth) throws IOException {
    int header = next();
    int element = header & 15;
    int size = header >> 4;
    if (size == 15) {
      size = count("a list of", 1);
    }
    if (member != null && size > 0 && element != member.element) {
      throw new IOException("a list holds elements of type " + element + " for " + member.element);
    }
    elements(element, size, member == null ? null : Member.of(member.struct), depth);
  }

  private void map(int depth) throws IOException {
    int size = count("a map of", 2);
    int types = size == 0 ? 0 : next();
    for (int i = 0; i < size; i++) {
      elements(types >> 4, 1, null, depth);
      elements(types & 15, 1, null, depth);
    }
  }

  private void elements(int type, int size, @Nullable Member member, int depth) throws IOException {
    if (size > 0 && (type == TRUE || type == FALSE)) {
      throw new IOException("it has a list or map of " + size + " booleans, as no header has");
    }
    if (size > bytes.remaining()) {
      throw new IOException(
          "it says that a list holds " + size + " elements, in " + bytes.remaining() + " bytes");
    }
    if (depth >= DEEPEST) {
      throw new IOException("it nests more than " + DEEPEST + " levels");
    }
    for (int i = 0; i < size; i++) {
      value(type, member, depth + 1);
    }
  }

  /** Reads a number of elements, and refuses more than fit in the bytes that are left. */
  private int count(String what, int each) throws IOException {
    long count = varint();
    if (count < 0 || count > bytes.remaining() / each) {
      throw new IOException(
          "it has "
              + what
              + " "
              + Long.toUnsignedString(count)
              + ", in "
              + bytes.remaining()
              + " bytes");
    }
    return (int) count;
  }

  private int next() throws Cut {
    if (!bytes.hasRemaining()) {
      throw new Cut();
    }
    return bytes.get() & 0xFF;
  }

  private void skip(int count) throws Cut {
    if (count > bytes.remaining()) {
      throw new Cut();
    }
    bytes.position(bytes.position() + count);
  }

  private long varint() throws IOException {
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      int b = next();
      value |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw new IOException("it has a number of more than 10 bytes");
  }

  private static long zigzag(long value) {
    return value >>> 1 ^ -(value & 1);
  }
}
