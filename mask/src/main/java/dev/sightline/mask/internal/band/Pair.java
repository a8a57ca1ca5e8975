package dev.sightline.mask.internal.band;

/**
 * A query and a key of one batch row and head.
 *
 * @param batch batch row
 * @param head query head
 * @param query position of the query
 * @param key position of the key
 */
public record Pair(int batch, int head, int query, int key) {}
