/** What may attend to what: masks as values, their text form, questions about them, conversions. */
@org.jspecify.annotations.NullMarked
module dev.sightline.mask {
  requires static transitive org.jspecify;

  exports dev.sightline.mask;
  exports dev.sightline.mask.convert;
  exports dev.sightline.mask.internal.band to
      dev.sightline.repair,
      dev.sightline.report,
      dev.sightline.web;
  exports dev.sightline.mask.internal.code to
      dev.sightline.report;
  exports dev.sightline.mask.internal.expression to
      dev.sightline.repair,
      dev.sightline.report,
      dev.sightline.web;
  exports dev.sightline.mask.internal.kind to
      dev.sightline.repair;
}
