package dev.sightline.onnx.internal.file;

import dev.sightline.tensor.internal.FilePart;
import dev.sightline.tensor.internal.Sha256;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Stream;

/** The bytes of a .onnx file: on disk, or in memory where it came out of a .jar. */
public sealed interface ModelSource {
  /** A file on disk, of which only what is asked for is read. */
  record OnDisk(Path file) implements ModelSource {
    @Override
    public InputStream open() throws IOException {
      return Files.newInputStream(file);
    }

    @Override
    public long size() throws IOException {
      return Files.size(file);
    }

    @Override
    public void read(long offset, ByteBuffer into) throws IOException {
      try (FileChannel channel = FileChannel.open(file)) {
        channel.position(offset);
        while (into.hasRemaining()) {
          if (channel.read(into) < 0) {
            throw new EOFException("the file ends at byte " + channel.size());
          }
        }
      }
    }

    @Override
    public String sha256(Collection<FilePart> further) throws IOException {
      Stream<FilePart> own = Stream.of(FilePart.whole(file));
      return Sha256.of(new byte[0], Stream.concat(own, further.stream()).toList());
    }
  }

  /** Bytes that the caller does not change. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record InMemory(byte[] bytes) implements ModelSource {
    @Override
    public InputStream open() {
      return new ByteArrayInputStream(bytes);
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(long offset, ByteBuffer into) {
      into.put(bytes, Math.toIntExact(offset), into.remaining());
    }

    @Override
    public String sha256(Collection<FilePart> further) throws IOException {
      return Sha256.of(bytes, further);
    }
  }

  /** Opens the bytes from their beginning. */
  InputStream open() throws IOException;

  /** Returns the number of bytes. */
  long size() throws IOException;

  /** Copies as many bytes as remain in the buffer. */
  void read(long offset, ByteBuffer into) throws IOException;

  /** Returns the SHA-256 of the bytes, followed by parts of further files. */
  String sha256(Collection<FilePart> further) throws IOException;
}
