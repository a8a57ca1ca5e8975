package dev.sightline.onnx.inventory;

/**
 * The product that mixes the heads of an attention: their results side by side {@code [B, S, H*Dh]}
 * times a matrix of the file {@code [H*Dh, D]}, of which every head owns {@code Dh} rows. It is
 * found by walking down from the attention, and true only where rebuilding its result from the
 * heads confirms it.
 *
 * @param node the product, a label for people
 * @param weight the tensor of the file that is the matrix, or that it is made from
 * @param heads H
 * @param headSize Dh, of the values
 * @param hasBias whether a vector of the file is added to the product
 * @param before the operator between it and the residual sum, such as {@code LayerNormalization};
 *     empty if nothing does
 */
public record OutputProjection(
    String node, String weight, int heads, int headSize, boolean hasBias, String before) {}
