package dev.sightline.data.internal.row;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of a file of one format, one at a time. */
public interface RowSource extends AutoCloseable {
  /** Reads the next row; null at the end. */
  @Nullable Row next() throws IOException;

  @Override
  void close() throws IOException;
}
