package dev.sightline.data.internal.row;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;

/**
 * A file that must stay as it was when it was opened: rows of two states of a file would be those
 * of neither. A change is seen by size and time of modification. For several threads.
 */
final class OpenedFile implements AutoCloseable {
  private final Path path;
  private final FileChannel channel;
  private final long length;
  private final FileTime modified;

  private OpenedFile(Path path, FileChannel channel) throws IOException {
    this.path = path;
    this.channel = channel;
    this.length = channel.size();
    this.modified = Files.getLastModifiedTime(path);
  }

  /** Opens a file for reading. */
  static OpenedFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path);
    try {
      return new OpenedFile(path, channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Returns the size that the file had when it was opened, bytes. */
  long length() {
    return length;
  }

  /**
   * Fills the rest of a buffer from an offset on.
   *
   * @throws IOException if the file changed since it was opened
   */
  void read(ByteBuffer bytes, long offset) throws IOException {
    long shift = offset - bytes.position();
    while (bytes.hasRemaining()) {
      if (channel.read(bytes, shift + bytes.position()) < 0) {
        throw new IOException("the file got shorter while it was read");
      }
    }
    requireUnchanged();
  }

  private void requireUnchanged() throws IOException {
    if (channel.size() != length || !Files.getLastModifiedTime(path).equals(modified)) {
      throw new IOException("the file changed while it was read");
    }
  }

  /** Returns the file from its start on, as a stream that ends with an error if it changed. */
  Bytes stream() {
    return new Bytes();
  }

  /** Owned by one thread; closes the file. */
  final class Bytes extends InputStream {
    private long position;

    /** Returns the number of bytes that were read. */
    long position() {
      return position;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int count) throws IOException {
      int read = channel.read(ByteBuffer.wrap(into, from, count), position);
      requireUnchanged();
      position += Math.max(0, read);
      return read;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
