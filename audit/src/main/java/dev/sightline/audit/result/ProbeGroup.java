package dev.sightline.audit.result;

/** What a probe is about: probes of one group that fail together have one line in an answer. */
public enum ProbeGroup {
  /** Whether padding changes real tokens. */
  PADDING("padding"),
  /** What heads attend to of padding. */
  ATTENTION("attention on padding"),
  /** Whether the mask is read. */
  MASK("mask input"),
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
  DECLARED("declared mask"),
  /** Whether the audit's own means change the result. */
  INSTRUMENTS("instruments");

  private final String label;

  ProbeGroup(String label) {
    this.label = label;
  }

  /** In words: {@code attention on padding}. */
  public String label() {
    return label;
  }
}
