/**
 * Samples and batches: texts, token ids, tensors or random tokens, laid out as the inputs of a
 * model. A {@link dev.sightline.data.Sample} is one row; a {@link dev.sightline.data.Batch} is the
 * {@code [B, W]} tensors that a model is fed.
 */
package dev.sightline.data;
