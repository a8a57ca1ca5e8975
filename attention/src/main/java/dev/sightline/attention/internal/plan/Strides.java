package dev.sightline.attention.internal.plan;

/**
 * The distances between neighbouring heads and tokens of a tensor, in elements. The elements of one
 * head of one token are contiguous.
 */
public record Strides(int head, int token) {}
