package dev.sightline.attention;

import dev.sightline.tensor.FloatTensor;

/**
 * The gradients of a number, such as a loss, with respect to the inputs of an attention. Each has
 * the shape of its input. They are exactly 0 for a query that may attend to nothing, and for a key
 * that no query may attend to.
 *
 * @param queries of the queries, {@code [B, Hq, Lq, D]}, or {@code [B, Lq, Hq, D]} where tokens
 *     come first
 * @param keys of the keys, {@code [B, Hkv, Lk, D]}, or {@code [B, Lk, Hkv, D]}; where query heads
 *     share a key head, the sum over them
 * @param values of the values, {@code [B, Hkv, Lk, Dv]}, or {@code [B, Lk, Hkv, Dv]}; summed
 *     likewise
 */
public record Gradients(FloatTensor queries, FloatTensor keys, FloatTensor values) {}
