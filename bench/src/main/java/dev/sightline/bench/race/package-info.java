/**
 * {@code sightline bench}: our attention beside LibTorch's and ONNX Runtime's, in one run, on the
 * same data and threads, against the peak of the machine measured between them.
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.bench.race;

