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

  public LineRows(InputStream in, boolean json) {
    this.lines = new TextLines(in);
    this.json = json;
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
            return json ? object(text.number(), text.text()) : plain(text.number(), text.text());
          }
        }
      }
    }
  }

  static Row plain(long number, String line) {
    return new Row.Text(number, Long.toString(number), line.strip(), Optional.empty(), 1);
  }

  static Row object(long number, String line) {
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
