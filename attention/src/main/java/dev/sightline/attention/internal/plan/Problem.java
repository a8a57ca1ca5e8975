package dev.sightline.attention.internal.plan;

import org.jspecify.annotations.Nullable;

/**
 * The sizes and options that every sequence and every call of a plan share.
 *
 * @param rowHeadStride the distance between heads in an output with one number for each query
 * @param scale the factor of the products
 * @param softcap the limit of scores; 0 for none
 * @param alibi a slope for each query head; null for none
 * @param sinks a logit for each query head; null for none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record Problem(
    int queryHeads,
    int keyHeads,
    int headSize,
    int valueHeadSize,
    Strides query,
    Strides key,
    Strides value,
    Strides output,
    int rowHeadStride,
    float scale,
    float softcap,
    float @Nullable [] alibi,
    float @Nullable [] sinks) {
  /** The same over tensors with heads first, with room for these numbers of tokens. */
  public Problem headsFirst(int queries, int keys) {
    return new Problem(
        queryHeads,
        keyHeads,
        headSize,
        valueHeadSize,
        Strides.headsFirst(queries, headSize),
        Strides.headsFirst(keys, headSize),
        Strides.headsFirst(keys, valueHeadSize),
        Strides.headsFirst(queries, valueHeadSize),
        queries,
        scale,
        softcap,
        alibi,
        sinks);
  }

  /** The number of query heads that share a key head. */
  int group() {
    return queryHeads / keyHeads;
  }
}
