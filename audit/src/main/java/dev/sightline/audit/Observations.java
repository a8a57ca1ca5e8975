package dev.sightline.audit;

import dev.sightline.onnx.OnnxModel;
import org.jspecify.annotations.Nullable;

/**
 * What was seen, before anybody judges it.
 *
 * @param mass attention on padding; null if it could not be read
 * @param unmaskedMass the largest share of attention on padding under a mask of ones
 * @param instrumented the tapped model against the plain one; null if nothing was tapped
 * @param whyNoMass why it could not be read; empty if it could
 */
record Observations(
    OnnxModel model,
    Outputs outputs,
    BlackBox blackBox,
    @Nullable PaddingMass mass,
    double unmaskedMass,
    @Nullable Difference instrumented,
    String whyNoMass) {}
