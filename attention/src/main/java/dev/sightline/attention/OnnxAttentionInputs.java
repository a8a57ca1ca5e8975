package dev.sightline.attention;

import dev.sightline.tensor.RawTensor;
import org.jspecify.annotations.Nullable;

/**
 * The inputs of an ONNX Attention node. Q, K and V have three axes, {@code [B, L, H * D]}, or four,
 * {@code [B, H, L, D]}.
 *
 * @param q Q, of a type of floats
 * @param k K, of Q's type
 * @param v V, of a type of floats
 * @param attnMask attn_mask, booleans (true = may attend) or numbers to add to scores, of up to
 *     four axes, the last ones of {@code [B, Hq, Lq, P + L]}; keys beyond a shorter last axis are
 *     masked
 * @param pastKey past_key, {@code [B, Hkv, P, D]}
 * @param pastValue past_value, {@code [B, Hkv, P, Dv]}
 * @param nonpadKvSeqlen nonpad_kv_seqlen, {@code [B]}, how many keys of each batch row are real
 */
public record OnnxAttentionInputs(
    RawTensor q,
    RawTensor k,
    RawTensor v,
    @Nullable RawTensor attnMask,
    @Nullable RawTensor pastKey,
    @Nullable RawTensor pastValue,
    @Nullable RawTensor nonpadKvSeqlen) {
  /** Only the inputs that must be there. */
  public static OnnxAttentionInputs of(RawTensor q, RawTensor k, RawTensor v) {
    return new OnnxAttentionInputs(q, k, v, null, null, null, null);
  }
}
