/**
 * Small policies that train and run under right and wrong masks. Training needs LibTorch on the
 * class path or module path; results and masks do not.
 */
@org.jspecify.annotations.NullMarked
module dev.sightline.lab {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.mask;
  requires transitive dev.sightline.onnx;
  requires dev.sightline.attention;
  requires java.management;
  requires static org.bytedeco.pytorch;
  requires tools.jackson.databind;

  exports dev.sightline.lab;
  exports dev.sightline.lab.result;

  // JSON files are read into records.
  opens dev.sightline.lab.result to
      tools.jackson.databind;
}
