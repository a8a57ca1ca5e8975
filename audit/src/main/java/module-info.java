/** Proves or refutes that a model obeys its attention mask. */
@org.jspecify.annotations.NullMarked
module dev.sightline.audit {
  requires static transitive org.jspecify;
  requires transitive dev.sightline.mask;
  requires transitive dev.sightline.data;

  exports dev.sightline.audit;
  exports dev.sightline.audit.declared;
  exports dev.sightline.audit.result;
  exports dev.sightline.audit.internal.recover to
      dev.sightline.repair;
}
