package dev.sightline.heads.statistics;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * Limits the bytes that a reader of an untrusted file takes at a time, so that no part of the file
 * fills the memory before it is checked.
 */
final class Allowance extends FilterInputStream {
  private long left;
  private long granted;

  Allowance(InputStream in, long bytes) {
    super(in);
    grant(bytes);
  }

  /** Allows this number of further bytes. */
  void grant(long bytes) {
    granted = bytes;
    left = bytes;
  }

  @Override
  public int read() throws IOException {
    requireMore();
    int b = super.read();
    left -= b < 0 ? 0 : 1;
    return b;
  }

  @Override
  public int read(byte[] into, int from, int length) throws IOException {
    requireMore();
    int read = super.read(into, from, (int) Math.min(length, left));
    left -= Math.max(0, read);
    return read;
  }

  private void requireMore() throws IOException {
    if (left <= 0) {
      throw new IOException("a part of it is longer than " + granted + " bytes");
    }
  }
}
