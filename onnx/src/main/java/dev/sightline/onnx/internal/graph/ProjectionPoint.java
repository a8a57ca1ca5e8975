package dev.sightline.onnx.internal.graph;

import dev.sightline.onnx.inventory.OutputProjection;
import org.jspecify.annotations.Nullable;

/**
 * Where in the graph an output projection can be read.
 *
 * @param output its result, with the bias if there is one, as {@code [B, S, D]} or {@code [B*S, D]}
 * @param tokensFirst whether batch and tokens are exchanged in it
 * @param weight the matrix {@code [H*Dh, D]} or {@code [H, Dh, D]}
 * @param transposed whether the matrix is {@code [D, H*Dh]} instead
 * @param zeroPoint what is subtracted from whole-number weights
 * @param scale what they are multiplied with then
 * @param bias {@code [D]}
 */
public record ProjectionPoint(
    OutputProjection described,
    String output,
    boolean tokensFirst,
    String weight,
    boolean transposed,
    @Nullable String zeroPoint,
    @Nullable String scale,
    @Nullable String bias) {}
