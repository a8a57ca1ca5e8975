/** Shapes and float tensors: what the other modules hand to each other instead of bare arrays. */
@org.jspecify.annotations.NullMarked
module dev.sightline.tensor {
  requires static transitive org.jspecify;

  exports dev.sightline.tensor;
}
