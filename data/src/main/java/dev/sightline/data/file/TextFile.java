package dev.sightline.data.file;

import dev.sightline.onnx.inventory.ModelException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The texts of a file, one a line: plain, or JSON objects with a {@code text} in a file named
 * .jsonl or .ndjson. Read one at a time, so that a file of any size costs the memory of one line. A
 * row that cannot be used is reported and passed over; the next one goes on.
 */
public final class TextFile implements AutoCloseable {
  private final Path file;
  private final boolean json;
  private final TextLines lines;

  private TextFile(Path file, boolean json, TextLines lines) {
    this.file = file;
    this.json = json;
    this.lines = lines;
  }

  /**
   * Opens a file of texts.
   *
   * @throws ModelException if there is none or it cannot be read
   */
  public static TextFile open(Path file) throws ModelException {
    if (!Files.isRegularFile(file)) {
      throw new ModelException("there is no text file '" + file + "'");
    }
    String name = file.toString().toLowerCase(Locale.ROOT);
    try {
      return new TextFile(
          file,
          name.endsWith(".jsonl") || name.endsWith(".ndjson"),
          new TextLines(Files.newInputStream(file)));
    } catch (IOException e) {
      throw new ModelException("'" + file + "' cannot be read: " + e.getMessage(), e);
    }
  }

  /** A row of the file: a text, or the reason why it is none. */
  public sealed interface Row {
    /** Counted from 1. */
    int line();

    /** A usable row. */
    record Text(int line, String text) implements Row {}

    /** A row that was passed over. */
    record Bad(int line, String reason) implements Row {}
  }

  /**
   * The next row that is not blank; null at the end of the file.
   *
   * @throws ModelException if the file cannot be read further
   */
  public @Nullable Row next() throws ModelException {
    try {
      while (true) {
        TextLines.Line line = lines.next();
        if (line == null) {
          return null;
        }
        Row row = row(line);
        if (!(row instanceof Row.Text text && text.text().isBlank())) {
          return row;
        }
      }
    } catch (IOException e) {
      throw new ModelException(
          "'" + file + "' cannot be read beyond line " + lines.number() + ": " + e.getMessage(), e);
    }
  }

  private Row row(TextLines.Line read) {
    int line = Math.toIntExact(Math.min(read.number(), Integer.MAX_VALUE));
    String text;
    switch (read) {
      case TextLines.Line.Bad bad -> {
        return new Row.Bad(line, bad.reason());
      }
      case TextLines.Line.Text good -> text = good.text();
    }
    if (!json || text.isBlank()) {
      return new Row.Text(line, text.strip());
    }
    try {
      JsonNode value = JsonMapper.shared().readTree(text).path("text");
      if (!value.isString()) {
        return new Row.Bad(line, "it has no \"text\" that is a string");
      }
      return value.asString().isBlank()
          ? new Row.Bad(line, "its text is empty")
          : new Row.Text(line, value.asString());
    } catch (JacksonException e) {
      return new Row.Bad(line, "it is not JSON: " + e.getOriginalMessage());
    }
  }

  @Override
  public void close() throws ModelException {
    try {
      lines.close();
    } catch (IOException e) {
      throw new ModelException("'" + file + "' cannot be closed: " + e.getMessage(), e);
    }
  }
}
