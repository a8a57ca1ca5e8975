package dev.sightline.attention;

import dev.sightline.mask.MaskShape;

/**
 * The sizes of an attention: queries {@code [B, Hq, Lq, D]}, keys {@code [B, Hkv, Lk, D]}, values
 * {@code [B, Hkv, Lk, Dv]}, output {@code [B, Hq, Lq, Dv]}.
 *
 * @param batch B, the number of batch rows
 * @param queryHeads Hq, a multiple of the key heads: query head h reads key head {@code h / (Hq /
 *     Hkv)} (grouped-query attention, Ainslie et al. 2023)
 * @param keyHeads Hkv, the number of heads of keys and values
 * @param queries Lq, the number of queries of a head
 * @param keys Lk, the number of keys of a head
 * @param headSize D, the elements of a head of queries and keys
 * @param valueHeadSize Dv, the elements of a head of values and output
 */
public record AttentionShape(
    int batch,
    int queryHeads,
    int keyHeads,
    int queries,
    int keys,
    int headSize,
    int valueHeadSize) {
  /**
   * Checks the sizes.
   *
   * @throws IllegalArgumentException if a size is too small, the query heads are no multiple of the
   *     key heads, or a tensor would have more than 2^31 - 1 elements
   */
  public AttentionShape {
    if (batch < 1 || queryHeads < 1 || keyHeads < 1 || headSize < 1 || valueHeadSize < 1) {
      throw new IllegalArgumentException(
          "batch, heads and head sizes must be at least 1, but the shape is "
              + text(batch, queryHeads, keyHeads, queries, keys, headSize, valueHeadSize));
    }
    if (queries < 0 || keys < 0) {
      throw new IllegalArgumentException(
          "queries and keys must not be negative, but the shape is "
              + text(batch, queryHeads, keyHeads, queries, keys, headSize, valueHeadSize));
    }
    if (queryHeads % keyHeads != 0) {
      throw new IllegalArgumentException(
          "the query heads must be a multiple of the key heads, but there are "
              + queryHeads
              + " query heads and "
              + keyHeads
              + " key heads");
    }
    long most =
        Math.max(
            (long) queryHeads * queries * Math.max(headSize, valueHeadSize),
            (long) keyHeads * keys * Math.max(headSize, valueHeadSize));
    if (most > Integer.MAX_VALUE / batch) {
      throw new IllegalArgumentException(
          "a tensor of this attention would have more than 2^31 - 1 elements: "
              + text(batch, queryHeads, keyHeads, queries, keys, headSize, valueHeadSize)
              + "; split the batch");
    }
  }

  /**
   * Returns the sizes of self-attention: as many key heads as query heads, as many queries as keys,
   * one head size.
   *
   * @param batch B, the number of batch rows
   * @param heads H, the number of heads
   * @param length L, the number of tokens
   * @param headSize D, the elements of a head of a token
   * @return the sizes
   */
  public static AttentionShape of(int batch, int heads, int length, int headSize) {
    return new AttentionShape(batch, heads, heads, length, length, headSize, headSize);
  }

  /** {@return the number of query heads that share a key head} */
  public int group() {
    return queryHeads / keyHeads;
  }

  /** {@return the sizes of the mask, {@code [B, Hq, Lq, Lk]}} */
  public MaskShape maskShape() {
    return new MaskShape(batch, queryHeads, queries, keys);
  }

  int querySize() {
    return batch * queryHeads * queries * headSize;
  }

  int keySize() {
    return batch * keyHeads * keys * headSize;
  }

  int valueSize() {
    return batch * keyHeads * keys * valueHeadSize;
  }

  /** {@return the number of elements of the output} */
  public int outputSize() {
    return batch * queryHeads * queries * valueHeadSize;
  }

  @Override
  public String toString() {
    return text(batch, queryHeads, keyHeads, queries, keys, headSize, valueHeadSize);
  }

  private static String text(
      int batch, int queryHeads, int keyHeads, int queries, int keys, int size, int valueSize) {
    return "queries ["
        + batch
        + ", "
        + queryHeads
        + ", "
        + queries
        + ", "
        + size
        + "], keys ["
        + batch
        + ", "
        + keyHeads
        + ", "
        + keys
        + ", "
        + size
        + "], values ["
        + batch
        + ", "
        + keyHeads
        + ", "
        + keys
        + ", "
        + valueSize
        + "]";
  }
}
