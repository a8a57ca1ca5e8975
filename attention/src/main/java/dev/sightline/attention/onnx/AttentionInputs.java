package dev.sightline.attention.onnx;

import dev.sightline.tensor.RawTensor;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of an ONNX Attention node. Q, K and V have three axes, {@code [B, L, H * D]}, or four,
 * {@code [B, H, L, D]}.
 *
 * @param q Q, of float16, bfloat16, float32 or float64
 * @param k K, of Q's type
 * @param v V, of one of these types
 * @param attnMask attn_mask, booleans (true = may attend) or numbers to add to scores, of up to
 *     four axes, the last ones of {@code [B, Hq, Lq, P + L]}; keys beyond a shorter last axis are
 *     masked
 * @param pastKey past_key, {@code [B, Hkv, P, D]}
 * @param pastValue past_value, {@code [B, Hkv, P, Dv]}
 * @param nonpadKvSeqlen nonpad_kv_seqlen, {@code [B]}, the number of real keys of each batch row
 */
public record AttentionInputs(
    RawTensor q,
    RawTensor k,
    RawTensor v,
    @Nullable RawTensor attnMask,
    @Nullable RawTensor pastKey,
    @Nullable RawTensor pastValue,
    @Nullable RawTensor nonpadKvSeqlen) {
  /**
   * Returns inputs without the optional ones.
   *
   * @param q Q
   * @param k K
   * @param v V
   * @return the inputs
   */
  public static AttentionInputs of(RawTensor q, RawTensor k, RawTensor v) {
    return new AttentionInputs(q, k, v, null, null, null, null);
  }
}
