package dev.sightline.heads.internal.run;

import dev.sightline.tensor.internal.Quoted;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * What tells a data file from a changed one, without reading all of a large one.
 *
 * @param bytes its size
 * @param sha256 of its first and its last MiB
 */
public record Fingerprint(long bytes, String sha256) {
  private static final int SAMPLE = 1 << 20;

  public static Fingerprint of(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      long size = channel.size();
      digest.update(read(channel, 0));
      digest.update(read(channel, Math.max(0, size - SAMPLE)));
      return new Fingerprint(size, HexFormat.of().formatHex(digest.digest()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
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
