/**
 * Samples: texts, token ids, tensors or random tokens, from lines of text, JSON lines, CSV,
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
  exports dev.sightline.data.internal.axis to
      dev.sightline.audit;
  exports dev.sightline.data.internal.batch to
      dev.sightline.audit,
      dev.sightline.bench,
      dev.sightline.cli,
      dev.sightline.heads,
      dev.sightline.repair;
  exports dev.sightline.data.internal.row to
      dev.sightline.bench,
      dev.sightline.cli,
      dev.sightline.heads;
}
