/** Pictures and pages of what the other modules found. */
@org.jspecify.annotations.NullMarked
module dev.sightline.report {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.mask;
  requires java.desktop;

  exports dev.sightline.report;
}
