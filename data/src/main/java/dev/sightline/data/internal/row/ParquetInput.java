package dev.sightline.data.internal.row;

import dev.hardwood.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * A Parquet file whose ranges are read into the heap. Hardwood's own input maps the file into
 * memory, and where a mapped file gets shorter, what decompresses it natively dies of a signal. A
 * file that is not as it was when it was opened is an error here. For several threads.
 */
final class ParquetInput implements InputFile {
  private final Path path;
  private final OpenedFile file;

  private ParquetInput(Path path, OpenedFile file) {
    this.path = path;
    this.file = file;
  }

  /** Opens a file; what is made of it is closed with it. */
  static ParquetInput open(Path path) throws IOException {
    return new ParquetInput(path, OpenedFile.open(path));
  }

  @Override
  public void open() {
    // It is, from the beginning.
  }

  @Override
  public ByteBuffer readRange(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > length() - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes from " + offset + " on, of a file of " + length());
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    file.read(bytes, offset);
    return bytes.flip();
  }

  @Override
  public long length() {
    return file.length();
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
