package dev.sightline.data.internal.row;

import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.json.JsonMapper;

/** The rows of a file of lines, each a text or a JSON object. Blank lines are passed over. */
final class LineRows implements RowSource {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final TextLines lines;
  private final boolean json;
  private final @Nullable InputFields inputs;

  /**
   * Rows of lines.
   *
   * @param json whether each is a JSON object, and not a text
   * @param inputs fields that JSON objects may have besides; null for none
   */
  public LineRows(InputStream in, boolean json, @Nullable InputFields inputs) {
    this.lines =
        new TextLines(in, inputs == null ? TextLines.MAX_LINE_BYTES : InputRows.MAX_LINE_BYTES);
    this.json = json;
    this.inputs = inputs;
  }

  @Override
  public @Nullable Row next() throws IOException {
    while (true) {
      TextLines.Line line = lines.next();
      switch (line) {
        case null -> {
          return null;
        }
        case TextLines.Line.Bad bad -> {
          return new Row.Bad(bad.number(), bad.reason(), "");
        }
        case TextLines.Line.Text text -> {
          if (!text.text().isBlank()) {
            return json
                ? object(text.number(), text.text(), inputs)
                : plain(text.number(), text.text());
          }
        }
      }
    }
  }

  static Row plain(long number, String line) {
    return new Row.Text(number, Long.toString(number), line.strip(), Optional.empty(), 1);
  }

  static Row object(long number, String line, @Nullable InputFields inputs) {
    Row given = inputs == null ? null : InputRows.read(number, line, inputs);
    if (given != null) {
      return given;
    }
    if (line.length() > TextLines.MAX_LINE_BYTES) {
      return new Row.Bad(number, TextLines.tooLong(TextLines.MAX_LINE_BYTES), "");
    }
    try {
      return SampleFields.read(number, JSON.readTree(line));
    } catch (JacksonException e) {
      return new Row.Bad(number, "it is not JSON", Quoted.shortened(e.getOriginalMessage()));
    }
  }

  /** Returns the id that a JSON object gives itself; empty if it gives none that can be used. */
  static Optional<String> ownId(String line) {
    try {
      return SampleFields.ownId(JSON.readTree(line));
    } catch (JacksonException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
