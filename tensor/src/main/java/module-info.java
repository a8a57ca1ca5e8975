/**
 * Shapes and tensors: what the other modules hand to each other instead of bare arrays, and the
 * files that hold them.
 */
@org.jspecify.annotations.NullMarked
module dev.sightline.tensor {
  requires static transitive org.jspecify;
  requires tools.jackson.core;

  exports dev.sightline.tensor;
  exports dev.sightline.tensor.internal to
      dev.sightline.audit,
      dev.sightline.bench,
      dev.sightline.cli,
      dev.sightline.data,
      dev.sightline.heads,
      dev.sightline.lab,
      dev.sightline.onnx,
      dev.sightline.repair,
      dev.sightline.report;
}
