package dev.sightline.mask;

import dev.sightline.mask.internal.band.Sizes;

/**
 * The sizes a mask is asked about, {@code [B, H, Lq, Lk]}: batch rows, query heads, queries, keys.
 *
 * @param batch B, at least 1
 * @param heads H, at least 1
 * @param queries Lq, from 0 to 2^30
 * @param keys Lk, from 0 to 2^30
 */
public record MaskShape(int batch, int heads, int queries, int keys) {
  private static final int LONGEST = 1 << 30;

  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if one is out of its range, or there are more than 2^62 cells
   */
  public MaskShape {
    if (batch < 1 || heads < 1) {
      throw new IllegalArgumentException(
          "a mask needs at least one batch row and one head, but the shape is "
              + new Sizes(batch, heads, queries, keys));
    }
    if (queries < 0 || keys < 0 || queries > LONGEST || keys > LONGEST) {
      throw new IllegalArgumentException(
          "queries and keys must be between 0 and 2^30, but the shape is "
              + new Sizes(batch, heads, queries, keys));
    }
    if ((double) batch * heads * queries * keys > 0x1p62) {
      throw new IllegalArgumentException(
          "a mask holds at most 2^62 cells, but the shape is "
              + new Sizes(batch, heads, queries, keys));
    }
  }

  /**
   * {@return a shape of one batch row, one head, as many queries as keys}
   *
   * @param length Lq and Lk
   */
  public static MaskShape square(int length) {
    return new MaskShape(1, 1, length, length);
  }

  /**
   * {@return a shape of one batch row and one head}
   *
   * @param queries Lq, the number of queries
   * @param keys Lk, the number of keys
   */
  public static MaskShape of(int queries, int keys) {
    return new MaskShape(1, 1, queries, keys);
  }

  /** {@return the number of cells, B * H * Lq * Lk} */
  public long cells() {
    return (long) batch * heads * queries * keys;
  }

  Sizes sizes() {
    return new Sizes(batch, heads, queries, keys);
  }

  @Override
  public String toString() {
    return sizes().toString();
  }
}
