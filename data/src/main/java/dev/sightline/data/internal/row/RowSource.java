package dev.sightline.data.internal.row;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of a file of one format, one at a time. */
public interface RowSource extends AutoCloseable {
  /** Reads the next row; null at the end. */
  @Nullable Row next() throws IOException;

  /**
   * Returns how messages name a row that is passed over: by its line, unless its lines say nothing.
   *
   * @param id the row's own id, or its line
   */
  default String badName(long line, String id) {
    return "line " + line;
  }

  @Override
  void close() throws IOException;
}
