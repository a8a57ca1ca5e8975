package dev.sightline.attention.internal.plan;

/** The tensors of one backward run: those of the forward run, and the gradients. */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record GradientCall(
    Call forward,
    float[] logSumExp,
    float[] outputGradient,
    float[] queryGradient,
    float[] keyGradient,
    float[] valueGradient) {}
