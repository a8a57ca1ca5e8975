/** What each head of a model does over a data set: masked, mergeable, resumable statistics. */
@org.jspecify.annotations.NullMarked
module dev.sightline.heads {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.mask;
  requires transitive dev.sightline.onnx;
  requires de.siegmar.fastcsv;
  requires dev.hardwood.core;
  requires java.logging;
  requires org.apache.commons.statistics.distribution;
  requires tools.jackson.databind;

  exports dev.sightline.heads;
}
