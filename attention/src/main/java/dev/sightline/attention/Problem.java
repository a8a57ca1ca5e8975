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

  /**
   * A number in units of log2. The lowest float, which many write for "masked", stays finite: it is
   * not minus infinity, and where all pairs of a row have it they are all alike.
   */
  static float inLog2(float x) {
    float scaled = x * LOG2_E;
    return Float.isInfinite(scaled) && !Float.isInfinite(x)
        ? Math.copySign(Float.MAX_VALUE, x)
        : scaled;
  }

  int group() {
    return queryHeads / keyHeads;
  }
}
