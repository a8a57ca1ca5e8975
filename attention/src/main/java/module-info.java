/** Masked attention on the CPU: kernels, plans, key/value cache, the ONNX Attention operator. */
@org.jspecify.annotations.NullMarked
module dev.sightline.attention {
  requires static transitive org.jspecify;
  requires static jdk.incubator.vector;
  requires transitive dev.sightline.mask;
  requires transitive dev.sightline.tensor;
  requires jdk.management;

  exports dev.sightline.attention;
  exports dev.sightline.attention.internal.kernel to
      dev.sightline.bench;
  exports dev.sightline.attention.onnx;
}
