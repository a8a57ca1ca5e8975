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
            return json ? object(text) : plain(text);
          }
        }
      }
    }
  }

  private static Row plain(TextLines.Line.Text line) {
    return new Row.Text(
        line.number(), Long.toString(line.number()), line.text().strip(), Optional.empty(), 1);
  }

  private static Row object(TextLines.Line.Text line) {
    try {
      return SampleFields.read(line.number(), JSON.readTree(line.text()));
    } catch (JacksonException e) {
      return new Row.Bad(line.number(), "it is not JSON", Quoted.shortened(e.getOriginalMessage()));
    }
  }

  @Override
  public void close() throws IOException {
    lines.close();
  }
}
