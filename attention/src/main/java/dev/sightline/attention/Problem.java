package dev.sightline.attention;

import org.jspecify.annotations.Nullable;

/**
 * What is the same for every sequence and every call of a plan.
 *
 * @param rowHeadStride how far apart heads lie in an output with one number for each query
 * @param scale what products are multiplied by
 * @param softcap 0 for none
 * @param alibi a slope for each query head
 * @param sinks a logit for each query head
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Problem(
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
  static final float LOG2_E = (float) (1 / Math.log(2));
  static final float LN_2 = (float) Math.log(2);

  int group() {
    return queryHeads / keyHeads;
  }
}
