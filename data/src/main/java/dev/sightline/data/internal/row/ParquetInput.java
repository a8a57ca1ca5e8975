package dev.sightline.data.internal.row;

import dev.hardwood.InputFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A Parquet file whose ranges are read into the heap. Hardwood's own input maps the file into
 * memory, and where a mapped file gets shorter, what decompresses it natively dies of a signal. A
 * file that is not as it was when it was opened is an error here. For several threads.
 */
final class ParquetInput implements InputFile {
  private final Path path;
  private final FileChannel channel;
  private final long length;
  private final FileTime modified;

  private ParquetInput(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.length = channel.size();
    this.modified = Files.getLastModifiedTime(path);
  }

  /** Opens a file; what is made of it is closed with it. */
  static ParquetInput open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path);
    try {
      return new ParquetInput(path, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  @Override
  public void open() {
    // It is, from the beginning.
  }

  @Override
  public ByteBuffer readRange(long offset, int length) throws IOException {
    if (offset < 0 || length < 0 || offset > this.length - length) {
      throw new IndexOutOfBoundsException(
          length + " bytes from " + offset + " on, of a file of " + this.length);
    }
    ByteBuffer bytes = ByteBuffer.allocate(length);
    for (long at = offset; bytes.hasRemaining(); at = offset + bytes.position()) {
      if (channel.read(bytes, at) < 0) {
        throw new IOException("the file got shorter while it was read");
      }
    }
    requireUnchanged();
    return bytes.flip();
  }

  /** Rows of two states of a file would be neither's. */
  private void requireUnchanged() throws IOException {
    if (channel.size() != length || !Files.getLastModifiedTime(path).equals(modified)) {
      throw new IOException("the file changed while it was read");
    }
  }

  @Override
  public long length() {
    return length;
  }

  @Override
  public String name() {
    return path.toString();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
