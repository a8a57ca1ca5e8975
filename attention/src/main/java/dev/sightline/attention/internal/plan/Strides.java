package dev.sightline.attention.internal.plan;

/**
 * The distances between neighbouring heads and tokens of a tensor, in elements. The elements of one
 * head of one token are contiguous.
 */
public record Strides(int head, int token) {
  /** Of a tensor {@code [B, H, L, D]}. */
  public static Strides headsFirst(int tokens, int size) {
    return new Strides(Math.multiplyExact(tokens, size), size);
  }

  /** Of a tensor {@code [B, L, H * D]}. */
  public static Strides tokensFirst(int heads, int size) {
    return new Strides(size, Math.multiplyExact(heads, size));
  }
}
