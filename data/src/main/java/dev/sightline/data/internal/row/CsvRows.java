package dev.sightline.data.internal.row;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import dev.sightline.data.DataException;
import dev.sightline.data.internal.row.TextLines.Line;
import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The records of a CSV file (RFC 4180) with a header. Lists are numbers with spaces between them,
 * as {@code 101 7592 102}, or as JSON writes them.
 *
 * <p>Records are cut here, line by line, and each is parsed alone: a parser that reads the whole
 * file could not go on after a bad one. A quote that is never closed would make one record of the
 * rest of the file; at {@link TextLines#MAX_LINE_BYTES} its line is given up, and the lines after
 * it are read again. Where that repeats, as in a file of lines {@code a","b}, the work is bounded:
 * no records of several lines are tried until enough was read.
 */
public final class CsvRows implements RowSource {
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final TextLines lines;
  private final char separator;
  private final CsvReader.CsvReaderBuilder parser;
  private final Deque<Line> again = new ArrayDeque<>();
  private final List<String> header;
  private long effort = 64L * TextLines.MAX_LINE_BYTES;

  /**
   * Reads the header.
   *
   * @throws DataException if it names no text and no input_ids
   */
  public CsvRows(InputStream in, char separator, String name) throws IOException {
    this.lines = new TextLines(in);
    this.separator = separator;
    this.parser = CsvReader.builder().fieldSeparator(separator).skipEmptyLines(false);
    this.header = header(name);
  }

  private List<String> header(String name) throws IOException {
    List<String> names = new ArrayList<>();
    switch (lines.next()) {
      case Line.Text first -> {
        try {
          for (String field : fields(first.text())) {
            names.add(field.strip().toLowerCase(Locale.ROOT));
          }
        } catch (CsvParseException e) {
          throw new DataException("'" + name + "' has no CSV header: " + e.getMessage(), e);
        }
      }
      case Line.Bad bad ->
          throw new DataException("'" + name + "' has no CSV header: " + bad.reason());
      case null -> {
        return names;
      }
    }
    if (!names.contains("text") && !names.contains("input_ids")) {
      throw new DataException(
          "the header of '"
              + name
              + "' names neither text nor input_ids: "
              + Quoted.shortened(names.toString()));
    }
    if (new HashSet<>(names).size() < names.size()) {
      throw new DataException(
          "the header of '"
              + name
              + "' names a column twice: "
              + Quoted.shortened(names.toString()));
    }
    return names;
  }

  private @Nullable Line line() throws IOException {
    if (!again.isEmpty()) {
      return again.poll();
    }
    Line line = lines.next();
    effort += line instanceof Line.Text text ? 8 * cost(text) : 0;
    return line;
  }

  @Override
  public @Nullable Row next() throws IOException {
    return switch (record()) {
      case null -> null;
      case CsvRecord.Bad(Row.Bad bad) -> bad;
      case CsvRecord.Fields(long line, ObjectNode fields) -> SampleFields.read(line, fields);
    };
  }

  /** Reads the next record as a JSON object with its fields; null at the end. */
  public @Nullable NumberedText nextText() throws IOException {
    return switch (record()) {
      case null -> null;
      case CsvRecord.Bad(Row.Bad bad) ->
          new NumberedText(bad.line(), "", bad.reason(), bad.detail());
      case CsvRecord.Fields(long line, ObjectNode fields) ->
          new NumberedText(line, fields.toString());
    };
  }

  /** A record, or why it is none. */
  private sealed interface CsvRecord {
    record Fields(long line, ObjectNode fields) implements CsvRecord {}

    record Bad(Row.Bad bad) implements CsvRecord {
      Bad(long line, String reason, String detail) {
        this(new Row.Bad(line, reason, detail));
      }
    }
  }

  private @Nullable CsvRecord record() throws IOException {
    while (true) {
      switch (line()) {
        case null -> {
          return null;
        }
        case Line.Bad bad -> {
          return new CsvRecord.Bad(bad.number(), bad.reason(), "");
        }
        case Line.Text first -> {
          if (!first.text().isBlank()) {
            return record(first);
          }
        }
      }
    }
  }

  /** Its characters, and the memory of a line object: a million empty ones take 47 MB. */
  private static long cost(Line.Text line) {
    return line.text().length() + 64L;
  }

  private CsvRecord record(Line.Text first) throws IOException {
    Quotes quotes = new Quotes(separator);
    StringBuilder text = new StringBuilder(first.text());
    quotes.read(first.text());
    List<Line> following = new ArrayList<>();
    long cost = cost(first);
    while (quotes.isOpen()) {
      Line more = cost > Math.min(TextLines.MAX_LINE_BYTES, effort) ? null : line();
      if (more != null) {
        following.add(more);
      }
      if (!(more instanceof Line.Text good)) {
        pushBack(following);
        effort -= cost;
        return new CsvRecord.Bad(
            first.number(), "a quote in it is not closed", Quoted.shortened(first.text()));
      }
      cost += cost(good);
      quotes.read("\n");
      quotes.read(good.text());
      text.append('\n').append(good.text());
    }
    return parse(first.number(), text.toString());
  }

  private void pushBack(List<Line> following) {
    for (Line line : following.reversed()) {
      again.addFirst(line);
    }
  }

  private List<String> fields(String record) {
    String bare = record.endsWith("\r") ? record.substring(0, record.length() - 1) : record;
    return parser.ofSingleCsvRecord(bare).getFields();
  }

  private CsvRecord parse(long line, String record) {
    List<String> fields;
    try {
      fields = fields(record);
    } catch (CsvParseException e) {
      return new CsvRecord.Bad(line, "it is no CSV record", Quoted.shortened(record));
    }
    if (fields.size() != header.size()) {
      return new CsvRecord.Bad(
          line, "it has not as many fields as the header", fields.size() + " and " + header.size());
    }
    ObjectNode row = NODES.objectNode();
    for (int c = 0; c < fields.size(); c++) {
      String name = header.get(c);
      String field = fields.get(c);
      if (!field.isEmpty() && SampleFields.FIELDS.contains(name)) {
        row.set(
            name,
            switch (name) {
              case "text", "id" -> NODES.stringNode(field);
              case "weight" -> number(field.strip());
              default -> list(field);
            });
      }
    }
    return new CsvRecord.Fields(line, row);
  }

  private static JsonNode list(String field) {
    String bare = field.strip();
    if (bare.startsWith("[") && bare.endsWith("]")) {
      bare = bare.substring(1, bare.length() - 1).strip();
    }
    ArrayNode list = NODES.arrayNode();
    for (String each : bare.isEmpty() ? new String[0] : bare.split("\\s*,\\s*|\\s+", -1)) {
      list.add(number(each));
    }
    return list;
  }

  /** A number, or a text that is not one, which is then refused by the name of its field. */
  private static JsonNode number(String text) {
    if (text.matches("-?\\d{1,18}")) {
      return NODES.numberNode(Long.parseLong(text));
    }
    try {
      // Only through BigDecimal: Double.parseDouble also takes "NaN", "0x1p3" and "1d".
      return text.length() > 100
          ? NODES.stringNode(text)
          : NODES.numberNode(new BigDecimal(text).doubleValue());
    } catch (NumberFormatException e) {
      return NODES.stringNode(text);
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }

  /**
   * Tracks whether a quoted field of a record is open. A quote opens one only at a field's start.
   */
  private static final class Quotes {
    private final char separator;
    private boolean open;
    private boolean start = true;
    private boolean closing;

    Quotes(char separator) {
      this.separator = separator;
    }

    void read(String text) {
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (open && !closing) {
          closing = c == '"';
        } else if (closing && c == '"') {
          closing = false;
        } else {
          open = start && c == '"';
          closing = false;
          start = c == separator;
        }
      }
    }

    boolean isOpen() {
      return open && !closing;
    }
  }
}
