/**
 * Shapes and tensors, and the files that hold them. {@link dev.sightline.tensor.TensorFile} reads a
 * .npy, .npz or safetensors file as a {@link dev.sightline.tensor.RawTensor}, in the element type
 * of the file; {@link dev.sightline.tensor.FloatTensor} is the float32 form that the other modules
 * compute with.
 */
package dev.sightline.tensor;
