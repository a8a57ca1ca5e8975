/** Puts the right mask into a model, and proves it; masks as ONNX nodes. */
@org.jspecify.annotations.NullMarked
package dev.sightline.repair;
