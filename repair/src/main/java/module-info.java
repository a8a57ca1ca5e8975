/** Puts the right mask into a model, and proves it. */
@org.jspecify.annotations.NullMarked
module dev.sightline.repair {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.audit;

  exports dev.sightline.repair;
}
