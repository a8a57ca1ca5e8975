/**
 * The ONNX Attention operator, opset 23 to 25, on Sightline's kernels, and the ONNX project's test
 * cases of it.
 *
 * @see <a href="https://onnx.ai/onnx/operators/onnx__Attention.html">the operator</a>
 */
@org.jspecify.annotations.NullMarked
package dev.sightline.attention.onnx;
