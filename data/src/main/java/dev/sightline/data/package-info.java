/**
 * Samples for models: texts, token ids, tensors or random tokens. A {@link
 * dev.sightline.data.Sample} is one row of a batch before it is laid out. {@link
 * dev.sightline.data.SampleEncoder} makes samples of texts and ids, {@link
 * dev.sightline.data.SampleFile} reads them as tensors, and {@link dev.sightline.data.RandomTokens}
 * draws them.
 */
package dev.sightline.data;
