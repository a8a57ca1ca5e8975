package dev.sightline.data.internal.row;

import dev.hardwood.InputFile;
import dev.hardwood.internal.metadata.PageHeader;
import dev.hardwood.internal.metadata.PageHeader.PageType;
import dev.hardwood.internal.thrift.OffsetIndexReader;
import dev.hardwood.internal.thrift.PageHeaderReader;
import dev.hardwood.internal.thrift.ThriftCompactReader;
import dev.hardwood.metadata.ColumnChunk;
import dev.hardwood.metadata.PageLocation;
import dev.hardwood.metadata.RowGroup;
import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.schema.ColumnSchema;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Checks the footer, the indices and the page headers of a Parquet file before Hardwood reads them.
 *
 * <p>Hardwood 1.0.0 does not check headers. A page that ends after its column chunk keeps the
 * worker that reads it in an endless loop, and closing the file waits for that worker; for a page
 * that claims 2 GB it allocates 2 GB; a list of 2^31 elements of no bytes takes it forever. A
 * caller can stop none of these, so they are refused first: each header must pass {@link
 * ThriftWalk}, and a page must end within its chunk and have at most {@link #most} bytes. The check
 * reads one header a page, as Hardwood itself does without an offset index, and no data.
 */
final class ParquetPages {
  /** Memory of a value besides its bytes: its two levels, and a long or its offset. */
  private static final long VALUE_BYTES = 16;

  /** Holds the header of a page of strings with its statistics; longer ones are read again. */
  private static final int HEADER_BYTES = 4096;

  /** Statistics hold the least and the largest value, which may be whole texts. */
  private static final int LONGEST_HEADER_BYTES = 64 << 20;

  private static final byte[] MAGIC = {'P', 'A', 'R', '1'};

  private final InputFile file;
  private final long most;

  /**
   * A check of a file.
   *
   * @param most the most bytes that a page may take in memory
   */
  public ParquetPages(InputFile file, long most) {
    this.file = file;
    this.most = most;
  }

  /** Returns a quarter of the heap: several pages of each column are in memory at a time. */
  static long quarterOfHeap() {
    return Runtime.getRuntime().maxMemory() / 4;
  }

  /**
   * Checks the footer, which Hardwood reads as soon as it opens a file.
   *
   * @throws IOException if there is none, or it cannot be what it says
   */
  static void checkFooter(InputFile file) throws IOException {
    long length = file.length();
    int tail = MAGIC.length + Integer.BYTES;
    if (length < MAGIC.length + tail) {
      throw new IOException("it has " + length + " bytes, too few for a Parquet file");
    }
    ByteBuffer end = file.readRange(length - tail, tail).order(ByteOrder.LITTLE_ENDIAN);
    int size = end.getInt();
    byte[] magic = new byte[MAGIC.length];
    end.get(magic);
    if (!Arrays.equals(magic, MAGIC)) {
      throw new IOException("it does not end as a Parquet file does, with PAR1");
    }
    if (size < 0 || size > length - tail - MAGIC.length) {
      throw new IOException(
          "its footer claims " + Integer.toUnsignedString(size) + " bytes, of a file of " + length);
    }
    walk("its footer", file.readRange(length - tail - size, size), ThriftWalk.FOOTER);
  }

  private static int walk(String what, ByteBuffer bytes, ThriftWalk.Struct struct)
      throws IOException {
    try {
      return ThriftWalk.walk(bytes, struct);
    } catch (IOException e) {
      throw new IOException(what + " cannot be read: " + e.getMessage(), e);
    }
  }

  /** Reads so much of a header's bytes that it ends among them. */
  private ByteBuffer header(String page, long at, long left) throws IOException {
    for (int size = HEADER_BYTES; ; size *= 16) {
      int some = (int) Math.min(Math.min(size, LONGEST_HEADER_BYTES), left);
      ByteBuffer bytes = file.readRange(at, some);
      try {
        ThriftWalk.walk(bytes, ThriftWalk.PAGE_HEADER);
        return bytes;
      } catch (ThriftWalk.Cut e) {
        if (some == left || some == LONGEST_HEADER_BYTES) {
          throw new IOException(
              "the header of " + page + " does not end within " + some + " bytes", e);
        }
      } catch (IOException e) {
        throw new IOException("the header of " + page + " cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /**
   * Checks the pages of some top-level columns.
   *
   * @throws IOException if a page cannot be what its header says, naming its column and offset
   */
  public void check(ParquetFileReader reader, List<String> columns) throws IOException {
    for (RowGroup group : reader.getFileMetaData().rowGroups()) {
      for (ColumnSchema column : reader.getFileSchema().getColumns()) {
        if (columns.contains(column.fieldPath().topLevelName())) {
          if (column.columnIndex() >= group.columns().size()) {
            throw new IOException(
                "a row group has "
                    + group.columns().size()
                    + " columns, and none for "
                    + column.fieldPath());
          }
          // By its index, as Hardwood does: the path that the chunk gives may be wrong.
          check(column.fieldPath().toString(), group.columns().get(column.columnIndex()));
        }
      }
    }
  }

  private void check(String column, ColumnChunk chunk) throws IOException {
    long start = chunk.chunkStartOffset();
    long length = chunk.metaData().totalCompressedSize();
    if (start < 0 || length < 0 || length > Integer.MAX_VALUE || start > file.length() - length) {
      throw new IOException(
          "its column "
              + column
              + " claims "
              + length
              + " bytes from "
              + start
              + " on, of a file of "
              + file.length());
    }
    Map<Long, Integer> pages = new HashMap<>();
    int at = 0;
    long values = 0;
    // Hardwood reads the first page even of a chunk without values.
    while (at < length && (at == 0 || values < chunk.metaData().numValues())) {
      String page = "a page of its column " + column + " at byte " + (start + at);
      ThriftCompactReader in = new ThriftCompactReader(header(page, start + at, length - at));
      PageHeader header = PageHeaderReader.read(in);
      long end = (long) at + in.getBytesRead() + header.compressedPageSize();
      if (end > length) {
        throw new IOException(page + " ends after the bytes of that column");
      }
      int count = values(header);
      long size = header.uncompressedPageSize() + VALUE_BYTES * count;
      if (count < 0 || size > most) {
        throw new IOException(
            page
                + " claims "
                + count
                + " values in "
                + header.uncompressedPageSize()
                + " bytes; with this heap a page may take "
                + most
                + " bytes in all");
      }
      if (header.type() != PageType.DICTIONARY_PAGE) {
        values += count;
      }
      pages.put(start + at, (int) end - at);
      at = (int) end;
    }
    checkIndex(column, chunk, pages);
  }

  /** Reads the number of values by the type, as Hardwood does: a header may have others too. */
  private static int values(PageHeader header) {
    return switch (header.type()) {
      case DATA_PAGE -> header.dataPageHeader().numValues();
      case DATA_PAGE_V2 -> header.dataPageHeaderV2().numValues();
      case DICTIONARY_PAGE -> header.dictionaryPageHeader().numValues();
      case INDEX_PAGE -> 0;
    };
  }

  /** Hardwood follows an offset index where there is one, instead of going from page to page. */
  private void checkIndex(String column, ColumnChunk chunk, Map<Long, Integer> pages)
      throws IOException {
    Long at = chunk.offsetIndexOffset();
    Integer length = chunk.offsetIndexLength();
    if (at == null || length == null) {
      return;
    }
    ByteBuffer index = file.readRange(at, length);
    walk("the index of column " + column, index, ThriftWalk.OFFSET_INDEX);
    for (PageLocation page :
        OffsetIndexReader.read(new ThriftCompactReader(index)).pageLocations()) {
      if (page.compressedPageSize() != pages.getOrDefault(page.offset(), -1)) {
        throw new IOException(
            "its index puts a page of column "
                + column
                + " at byte "
                + page.offset()
                + ", of "
                + page.compressedPageSize()
                + " bytes, where there is none");
      }
    }
  }
}
