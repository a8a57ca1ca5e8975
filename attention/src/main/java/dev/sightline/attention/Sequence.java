package dev.sightline.attention;

import dev.sightline.mask.BoundMask;

/**
 * One row of a batch, or one text of a packed batch: where its tensors begin and what its queries
 * may see.
 *
 * @param mask rows firstRow to firstRow + queries of it are used, and its first keys
 * @param maskBatch its row in the batch, which is the mask's and the bias's batch row too
 * @param firstRow the mask's row of the first query
 * @param queries the number of queries
 * @param keys the number of keys
 * @param query where its queries begin
 * @param key where its keys begin
 * @param value where its values begin
 * @param output where its output begins
 * @param row where its rows begin in an output with one number for each query
 */
record Sequence(
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
