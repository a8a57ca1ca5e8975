/** Statistics of the attention heads of a model over a data set, without padding. */
@org.jspecify.annotations.NullMarked
module dev.sightline.heads {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.data;
  requires de.siegmar.fastcsv;
  requires org.apache.commons.statistics.distribution;
  requires tools.jackson.databind;

  exports dev.sightline.heads;
  exports dev.sightline.heads.internal.run to
      dev.sightline.bench,
      dev.sightline.cli;
  exports dev.sightline.heads.metric;
  exports dev.sightline.heads.statistics;
}
