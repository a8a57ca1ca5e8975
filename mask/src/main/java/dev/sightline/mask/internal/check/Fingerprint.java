package dev.sightline.mask.internal.check;

import dev.sightline.mask.internal.band.Band;
import dev.sightline.mask.internal.band.Sizes;
import dev.sightline.mask.internal.band.Sweep;
import dev.sightline.mask.internal.expression.Bound;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A digest of what a mask allows: SHA-256 over the sizes and, row by row, the runs of allowed keys,
 * every number in four bytes, high byte first, a row closed by -1; of the digest the first 16
 * bytes. It does not depend on how the mask is written.
 */
public final class Fingerprint {
  /** Made here and not by the tensor module's SHA-256: masks depend on no other module. */
  private final MessageDigest digest;

  private final byte[] buffer = new byte[8192];
  private int filled;

  private Fingerprint() {
    try {
      digest = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** 32 hexadecimal digits. */
  public static String of(Bound mask) {
    Fingerprint print = new Fingerprint();
    Sizes sizes = mask.sizes();
    print.put(sizes.batch());
    print.put(sizes.heads());
    print.put(sizes.queries());
    print.put(sizes.keys());
    for (int b = 0; b < sizes.batch(); b++) {
      for (int h = 0; h < sizes.heads(); h++) {
        print.rows(mask.sweep(b, h));
      }
    }
    print.digest.update(print.buffer, 0, print.filled);
    return HexFormat.of().formatHex(print.digest.digest(), 0, 16);
  }

  private void rows(Sweep sweep) {
    while (sweep.hasNext()) {
      Band band = sweep.next();
      for (int row = band.from(); row < sweep.end(band); row++) {
        for (int run = 0; run < band.runs(); run++) {
          put(band.start(run, row));
          put(band.end(run, row));
        }
        put(-1);
      }
    }
  }

  private void put(int value) {
    if (filled == buffer.length) {
      digest.update(buffer, 0, filled);
      filled = 0;
    }
    buffer[filled++] = (byte) (value >> 24);
    buffer[filled++] = (byte) (value >> 16);
    buffer[filled++] = (byte) (value >> 8);
    buffer[filled++] = (byte) value;
  }
}
