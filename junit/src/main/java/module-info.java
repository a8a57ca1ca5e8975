/** Assertions about models, for tests of any framework. */
@org.jspecify.annotations.NullMarked
module dev.sightline.junit {
  requires static transitive org.jspecify;
  requires dev.sightline.report;

  exports dev.sightline.junit;
}
