/**
 * Samples of data files: lines of text, JSON lines, CSV, TSV and Parquet. A {@link
 * dev.sightline.data.file.DataFile} reads rows, and {@link dev.sightline.data.file.FileSamples}
 * makes samples of them.
 */
package dev.sightline.data.file;
