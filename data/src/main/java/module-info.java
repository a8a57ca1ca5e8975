/**
 * Samples: texts, token ids, tensors or made-up tokens, from lines of text, JSON lines, CSV,
 * Parquet, .npz and safetensors files; batches of them.
 */
@org.jspecify.annotations.NullMarked
module dev.sightline.data {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.onnx;
  requires de.siegmar.fastcsv;
  requires dev.hardwood.core;
  requires java.logging;
  requires tools.jackson.databind;

  exports dev.sightline.data;
  exports dev.sightline.data.file;
}
