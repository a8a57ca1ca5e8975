package dev.sightline.attention.internal.plan;

import dev.sightline.mask.BoundMask;

/**
 * One row of a batch, or one text of a packed batch: its mask, and the offsets of its tensors.
 *
 * @param mask its rows firstRow to firstRow + queries and its first keys are used
 * @param maskBatch the batch row, of the mask and of the bias too
 * @param firstRow the mask's row of the first query
 * @param queries the number of queries
 * @param keys the number of keys
 * @param query the offset of its queries
 * @param key the offset of its keys
 * @param value the offset of its values
 * @param output the offset of its output
 * @param row the offset of its rows in an output with one number for each query
 */
public record Sequence(
    BoundMask mask,
    int maskBatch,
    int firstRow,
    int queries,
    int keys,
    int query,
    int key,
    int value,
    int output,
    int row) {}
