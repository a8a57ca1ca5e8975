package dev.sightline.heads.internal.run;

import dev.sightline.tensor.internal.Quoted;
import dev.sightline.tensor.internal.Sha256;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * Identifies the content of a data file without reading all of a large one.
 *
 * @param bytes size of the file
 * @param sha256 hash of its first and its last MiB
 */
public record Fingerprint(long bytes, String sha256) {
  private static final int SAMPLE = 1 << 20;

  public static Fingerprint of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      long size = channel.size();
      return new Fingerprint(
          size, Sha256.of(read(channel, 0), read(channel, Math.max(0, size - SAMPLE))));
    }
  }

  private static ByteBuffer read(FileChannel channel, long from) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(SAMPLE);
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) > 0) {
      // A channel may give less than was asked for.
    }
    return bytes.flip();
  }

  /** As in {@code 4200 bytes, 3f2a...}. */
  @Override
  public String toString() {
    return bytes + " bytes, SHA-256 of both ends " + Quoted.shortened(sha256);
  }
}
