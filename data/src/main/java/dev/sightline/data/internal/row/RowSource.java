package dev.sightline.data.internal.row;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The rows of one kind of file, one at a time. */
public interface RowSource extends AutoCloseable {
  /** The next row; null at the end. */
  @Nullable Row next() throws IOException;

  @Override
  void close() throws IOException;
}
