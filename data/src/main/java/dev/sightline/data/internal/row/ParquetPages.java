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
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Walks the page headers of a Parquet file before its pages are read.
 *
 * <p>Hardwood 1.0.0 does not check headers. A page that ends after its column chunk keeps the
 * worker that reads it in an endless loop, and closing the file waits for that worker; for a page
 * that claims 2 GB it allocates 2 GB. A caller can stop neither, so these pages are refused first:
 * a page must end within its chunk and have at most {@link #most} bytes. The walk reads one header
 * a page, as Hardwood itself does without an offset index, and no data.
 */
final class ParquetPages {
  /** Memory of a value besides its bytes: its two levels, and a long or its offset. */
  private static final long VALUE_BYTES = 16;

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
   * Checks the pages of some top-level columns.
   *
   * @throws IOException if a page cannot be what its header says, naming its column and offset
   */
  public void check(ParquetFileReader reader, List<String> columns) throws IOException {
    for (RowGroup group : reader.getFileMetaData().rowGroups()) {
      for (ColumnSchema column : reader.getFileSchema().getColumns()) {
        if (columns.contains(column.fieldPath().topLevelName())) {
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
    ByteBuffer bytes = file.readRange(start, (int) length);
    Map<Long, Integer> pages = new HashMap<>();
    int at = 0;
    long values = 0;
    // Hardwood reads the first page even of a chunk without values.
    while (at < length && (at == 0 || values < chunk.metaData().numValues())) {
      ThriftCompactReader in = new ThriftCompactReader(bytes.slice(at, (int) length - at));
      PageHeader header = PageHeaderReader.read(in);
      String page = "a page of its column " + column + " at byte " + (start + at);
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
    for (PageLocation page :
        OffsetIndexReader.read(new ThriftCompactReader(file.readRange(at, length)))
            .pageLocations()) {
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
