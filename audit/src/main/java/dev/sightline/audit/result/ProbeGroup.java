package dev.sightline.audit.result;

/** What a probe is about: probes of one group that fail together have one line in an answer. */
public enum ProbeGroup {
  /** Whether padding changes real tokens. */
  PADDING("padding"),
  /** What heads attend to of padding. */
  ATTENTION("attention"),
  /** Whether the mask is read. */
  MASK("mask"),
  /** Whether positions are read. */
  POSITIONS("positions"),
  /** The output for a whole text. */
  POOLING("pooling"),
  /** Whether rows of a batch change each other. */
  ROWS("rows"),
  /** Whether tokens depend on later ones. */
  CAUSALITY("causality"),
  /** Steps with a cache. */
  CACHE("cache"),
  /** A declared mask. */
  DECLARED("declared"),
  /** Whether the audit's own means change the result. */
  INSTRUMENTS("instruments");

  private final String id;

  ProbeGroup(String id) {
    this.id = id;
  }

  /** {@return the stable name, for JUnit XML and scripts} */
  public String id() {
    return id;
  }
}
