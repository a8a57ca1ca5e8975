package dev.sightline.tensor.internal;

import java.nio.ByteBuffer;

/** Hashes that are the same on every machine and in every run. */
public final class Hash {
  private Hash() {}

  /** A bijection of 64 bits that looks random: the finaliser of SplitMix64 (Steele et al. 2014). */
  public static long mix(long bits) {
    long z = bits + 0x9e3779b97f4a7c15L;
    z = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }

  /** Returns the first 64 bits of SHA-256: ids come from data, and must not collide on purpose. */
  public static long of(String text) {
    return ByteBuffer.wrap(Sha256.bytesOf(text)).getLong();
  }
}
