/**
 * What a model file declares and contains: its inputs by role ({@link
 * dev.sightline.onnx.inventory.ModelInputs}), its attentions ({@link
 * dev.sightline.onnx.inventory.AttentionSites}) and how each mask reaches them ({@link
 * dev.sightline.onnx.inventory.MaskPath}). {@link dev.sightline.onnx.Model} makes these records.
 */
package dev.sightline.onnx.inventory;
