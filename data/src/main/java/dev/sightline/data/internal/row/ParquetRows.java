package dev.sightline.data.internal.row;

import dev.hardwood.reader.ParquetFileReader;
import dev.hardwood.reader.RowReader;
import dev.hardwood.row.PqList;
import dev.hardwood.schema.ColumnProjection;
import dev.hardwood.schema.SchemaNode;
import dev.sightline.data.DataException;
import dev.sightline.onnx.internal.natives.NativeLibraries;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The rows of a Parquet file, with the columns that a sample can have. Whole pages are read ahead,
 * so that memory depends on the pages of the file, often some megabytes each, not on its rows.
 */
final class ParquetRows implements RowSource {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  /** Kept, so that its level stays: the library warns every user that it found no Vector API. */
  private static final Logger LIBRARY = Logger.getLogger("dev.hardwood");

  /** Of a file that is read, and not mapped, the heap holds what is read at a time. */
  private static final String READ_BYTES = Integer.toString(4 << 20);

  static {
    if (LIBRARY.getLevel() == null) {
      LIBRARY.setLevel(Level.WARNING);
    }
    for (String size :
        List.of("hardwood.internal.sequentialChunkSize", "hardwood.internal.maxCoalescedBytes")) {
      if (System.getProperty(size) == null) {
        System.setProperty(size, READ_BYTES);
      }
    }
  }

  private final ParquetFileReader file;
  private final RowReader rows;
  private final List<String> columns;
  private long row;

  /**
   * Opens a file.
   *
   * @throws IOException if it is no Parquet file, or has no column text or input_ids
   */
  public ParquetRows(Path path, String name) throws IOException {
    NativeLibraries.prepareCompressions();
    ParquetInput input = null;
    ParquetFileReader opened = null;
    try {
      input = ParquetInput.open(path);
      ParquetPages.checkFooter(input);
      opened = ParquetFileReader.open(input);
      List<String> all =
          opened.getFileSchema().getRootNode().children().stream().map(SchemaNode::name).toList();
      columns = all.stream().filter(SampleFields.FIELDS::contains).toList();
      if (!columns.contains("text") && !columns.contains("input_ids")) {
        throw new DataException(
            "'"
                + name
                + "' has neither a column text nor input_ids: "
                + Quoted.shortened(all.toString()));
      }
      new ParquetPages(input, ParquetPages.quarterOfHeap()).check(opened, columns);
      rows =
          opened
              .buildRowReader()
              .projection(ColumnProjection.columns(columns.toArray(String[]::new)))
              .build();
      file = opened;
    } catch (IOException | RuntimeException | VirtualMachineError e) {
      if (opened != null) {
        opened.close();
      }
      if (input != null) {
        input.close();
      }
      throw e instanceof DataException own
          ? own
          : new DataException("'" + name + "' cannot be read as Parquet: " + message(e), e);
    }
  }

  @Override
  public @Nullable Row next() throws IOException {
    try {
      if (!rows.hasNext()) {
        long expected = file.getFileMetaData().numRows();
        // A damaged page may end the rows without an error.
        if (row < expected) {
          throw new IOException("it ends there, though it says it has " + expected + " rows");
        }
        return null;
      }
      rows.next();
      row++;
      ObjectNode fields = NODES.objectNode();
      for (String column : columns) {
        if (!rows.isNull(column)) {
          fields.set(column, node(rows.getRawValue(column)));
        }
      }
      return SampleFields.read(row, fields);
    } catch (CharacterCodingException e) {
      return new Row.Bad(row, TextLines.NOT_UTF8, "");
    } catch (TooLong e) {
      return new Row.Bad(row, TextLines.TOO_LONG, "");
    } catch (RuntimeException | VirtualMachineError e) {
      // No heap for a page, or a file that changed meanwhile: errors of the file.
      throw new IOException(message(e), e);
    }
  }

  /** Returns the share of the rows that was read, of the number that the file gives. */
  public double fraction() {
    return (double) row / Math.max(1, file.getFileMetaData().numRows());
  }

  /** The library's message says what it did, and that of its cause what went wrong. */
  private static String message(Throwable e) {
    String message = String.valueOf(e.getMessage());
    Throwable cause = e.getCause();
    return cause == null || message.endsWith(String.valueOf(cause.getMessage()))
        ? message
        : message + ", " + cause;
  }

  private static final class TooLong extends IOException {
    private static final long serialVersionUID = 1L;
  }

  /**
   * Returns the value as JSON; of a type that no field has, the name of the type, for the message.
   */
  private static JsonNode node(@Nullable Object value) throws IOException {
    return switch (value) {
      case null -> NODES.nullNode();
      case String text -> NODES.stringNode(text);
      case byte[] bytes -> {
        if (bytes.length > TextLines.MAX_LINE_BYTES) {
          throw new TooLong();
        }
        yield NODES.stringNode(
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
      }
      case Integer number -> NODES.numberNode(number);
      case Long number -> NODES.numberNode(number);
      case Float number -> NODES.numberNode(number);
      case Double number -> NODES.numberNode(number);
      case PqList list -> {
        if (list.size() > TextLines.MAX_LINE_BYTES) {
          throw new TooLong();
        }
        ArrayNode array = NODES.arrayNode();
        for (Object each : list.rawValues()) {
          array.add(node(each));
        }
        yield array;
      }
      default -> NODES.stringNode(value.getClass().getSimpleName());
    };
  }

  @Override
  public void close() throws IOException {
    try {
      rows.close();
    } finally {
      file.close();
    }
  }
}
