package dev.sightline.attention.onnx;

import dev.sightline.tensor.RawTensor;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of an ONNX Attention node.
 *
 * @param y Y, of Q's type: {@code [B, Lq, Hq * Dv]} where Q has three axes, else {@code [B, Hq, Lq,
 *     Dv]}
 * @param presentKey present_key, {@code [B, Hkv, P + L, D]}
 * @param presentValue present_value, {@code [B, Hkv, P + L, Dv]}
 * @param qkMatmulOutput qk_matmul_output, {@code [B, Hq, Lq, P + L]}; null if it was not asked for
 */
public record AttentionOutputs(
    RawTensor y,
    RawTensor presentKey,
    RawTensor presentValue,
    @Nullable RawTensor qkMatmulOutput) {}
