/**
 * Masks in the forms of other systems, in and out: booleans, additive values, lengths, {@code
 * cu_seqlens}, FlashMask indices, FlexAttention block lists, the inputs of ONNX Attention, and
 * windows counted as other systems count them.
 */
package dev.sightline.mask.convert;
