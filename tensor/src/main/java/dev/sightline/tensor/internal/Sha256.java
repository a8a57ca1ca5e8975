package dev.sightline.tensor.internal;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/** SHA-256, of bytes, of text in UTF-8 and of files. */
public final class Sha256 {
  private Sha256() {}

  /** Returns the SHA-256 of bytes as 64 hexadecimal digits, lower case. */
  public static String of(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  /** Returns the SHA-256 of bytes followed by parts of files, as above. */
  public static String of(byte[] bytes, Collection<FilePart> parts) throws IOException {
    MessageDigest digest = digest();
    digest.update(bytes);
    for (FilePart part : parts) {
      try (FileChannel channel = FileChannel.open(part.file())) {
        if (!update(digest, channel, part.from(), part.to())) {
          throw new EOFException("'" + part.file() + "' became shorter while it was read");
        }
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the SHA-256 of an open file, as above; it is not read into memory as a whole. */
  public static String of(FileChannel channel) throws IOException {
    MessageDigest digest = digest();
    update(digest, channel, 0, channel.size());
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Adds a part of a file; returns false if the file ends before it does. */
  private static boolean update(MessageDigest digest, FileChannel channel, long from, long to)
      throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
    for (long at = from; at < to; ) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
      int read = channel.read(buffer, at);
      if (read < 0) {
        return false;
      }
      at += read;
      digest.update(buffer.flip());
    }
    return true;
  }

  /** Returns the SHA-256 of the remaining bytes of buffers, one after another, as above. */
  public static String of(ByteBuffer... parts) {
    MessageDigest digest = digest();
    for (ByteBuffer part : parts) {
      digest.update(part);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  /** Returns the SHA-256 of a text, 32 bytes. */
  public static byte[] bytesOf(String text) {
    return digest().digest(text.getBytes(StandardCharsets.UTF_8));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
