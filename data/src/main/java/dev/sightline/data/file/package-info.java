/**
 * Samples from files and other sources of texts, made one at a time: {@link
 * dev.sightline.data.file.FileSamples} reads lines of text, JSON lines, CSV, TSV and Parquet,
 * {@link dev.sightline.data.file.TextSamples} takes any texts.
 */
package dev.sightline.data.file;
