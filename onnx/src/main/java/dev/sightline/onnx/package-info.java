/**
 * ONNX models and their tokenizers. {@link dev.sightline.onnx.Model} reads a file and lists its
 * inputs and attentions, {@link dev.sightline.onnx.ModelSession} runs it in ONNX Runtime, {@link
 * dev.sightline.onnx.Tokenizer} turns text into token ids, and {@link dev.sightline.onnx.Catalog}
 * lists models that are published as Maven artifacts.
 */
package dev.sightline.onnx;
