/** Pictures, pages and JSON from the results of the other modules. */
@org.jspecify.annotations.NullMarked
module dev.sightline.report {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.attention;
  requires transitive dev.sightline.audit;
  requires transitive dev.sightline.heads;
  requires transitive dev.sightline.lab;
  requires transitive dev.sightline.mask;
  requires transitive dev.sightline.repair;
  requires transitive info.picocli;
  requires freemarker;
  requires java.desktop;
  requires java.xml;
  requires tools.jackson.databind;

  exports dev.sightline.report;
  exports dev.sightline.report.text;
  exports dev.sightline.report.internal.mask to
      dev.sightline.cli,
      dev.sightline.web;

  // Templates read the views by reflection.
  opens dev.sightline.report.internal.audit to
      freemarker;
  opens dev.sightline.report.internal.heads to
      freemarker;
  opens dev.sightline.report.internal.lab to
      freemarker;
  opens dev.sightline.report.internal.mask to
      freemarker;
  opens dev.sightline.report.internal.page to
      freemarker;
  opens dev.sightline.report.internal.repair to
      freemarker;
  opens dev.sightline.report.internal.walkthrough to
      freemarker;
}
