package dev.sightline.audit.result;

/**
 * How long the vectors at padding are, against those at real tokens, as an attention reads them. A
 * mask is redundant where padding's vectors vanish; but after a LayerNorm every vector has a length
 * near the root of its width, so a long one is no fault.
 *
 * @param layer the attention, in order of execution from 0
 * @param padding mean Euclidean length at padding
 * @param real mean Euclidean length at real tokens
 */
public record PaddingNorms(int layer, double padding, double real) {}
