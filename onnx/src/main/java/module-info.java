/** A model file as a model: its graph, its attention sites, taps, sessions, tokenizer, catalog. */
@org.jspecify.annotations.NullMarked
module dev.sightline.onnx {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.tensor;
  requires ai.djl.tokenizers;
  requires transitive com.google.protobuf;
  requires com.microsoft.onnxruntime;
  requires transitive org.tribuo.util.onnx;
  requires tools.jackson.databind;

  exports dev.sightline.onnx;
  exports dev.sightline.onnx.inventory;
  exports dev.sightline.onnx.internal.graph to
      dev.sightline.audit,
      dev.sightline.bench,
      dev.sightline.data,
      dev.sightline.heads,
      dev.sightline.lab,
      dev.sightline.repair;
  exports dev.sightline.onnx.internal.file to
      dev.sightline.heads;
  exports dev.sightline.onnx.internal.natives to
      dev.sightline.data;
  exports dev.sightline.onnx.internal.model to
      dev.sightline.data,
      dev.sightline.audit,
      dev.sightline.heads,
      dev.sightline.repair;
  exports dev.sightline.onnx.internal.session to
      dev.sightline.data,
      dev.sightline.audit,
      dev.sightline.heads,
      dev.sightline.repair;
}
