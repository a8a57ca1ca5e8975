/** Masks as nodes of an ONNX graph. */
@org.jspecify.annotations.NullMarked
package dev.sightline.repair.internal.graph;
