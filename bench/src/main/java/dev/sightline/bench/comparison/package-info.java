/**
 * {@code sightline bench}: Sightline's attention beside that of LibTorch and ONNX Runtime, in one
 * run, on the same data and threads, against the peak of the machine measured in the same rounds.
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.bench.comparison;
