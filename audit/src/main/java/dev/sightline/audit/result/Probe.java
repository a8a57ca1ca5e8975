package dev.sightline.audit.result;

/**
 * A question to the model, answered by a pair of runs that must agree, or must differ. Runs are
 * compared on real tokens only: what a model gives at padding may be anything.
 */
public enum Probe {
  /** Other token ids under the padding. */
  PAD_CONTENT(ProbeGroup.PADDING, "pad-content"),
  /** Other token ids under padding before or inside the text. */
  SIDE_CONTENT(ProbeGroup.PADDING, "side-content"),
  /** More padding after the text. */
  PAD_LENGTH(ProbeGroup.PADDING, "pad-length"),
  /** Padding before the text. */
  PAD_LEFT(ProbeGroup.PADDING, "pad-left"),
  /** Padding inside the text. */
  PAD_INTERIOR(ProbeGroup.PADDING, "pad-interior"),
  /** Other positions. */
  POSITIONS(ProbeGroup.POSITIONS, "positions"),
  /** Other texts in the other rows of the batch. */
  NEIGHBOUR(ProbeGroup.ROWS, "neighbour"),
  /** The text alone against the text in a batch. */
  BATCH(ProbeGroup.PADDING, "batch"),
  /** Another mask over the same tokens. */
  MASK_VALUE(ProbeGroup.MASK, "mask-value"),
  /** Padding of one stream, seen from another. */
  CROSS_MASK(ProbeGroup.PADDING, "cross-mask"),
  /** Outputs for a text as a whole. */
  POOLING(ProbeGroup.POOLING, "pooling"),
  /** A later token. */
  CAUSALITY(ProbeGroup.CAUSALITY, "causality"),
  /** Steps with the cache of the run before. */
  CACHE(ProbeGroup.CACHE, "cache"),
  /** Attention that real tokens pay to padding. */
  PADDING_MASS(ProbeGroup.ATTENTION, "padding-mass"),
  /** Attention against a declared mask. */
  DECLARED_INSIDE(ProbeGroup.DECLARED, "declared-inside"),
  /** Dependence against a declared mask. */
  DECLARED_OUTSIDE(ProbeGroup.DECLARED, "declared-outside"),
  /** The model with its probabilities tapped against the model as it is. */
  INSTRUMENTED(ProbeGroup.INSTRUMENTS, "instrumented"),
  /** The model as the runtime fuses it against the model node by node. */
  FUSED(ProbeGroup.INSTRUMENTS, "fused");

  private final ProbeGroup group;
  private final String id;

  Probe(ProbeGroup group, String id) {
    this.group = group;
    this.id = id;
  }

  /** {@return the stable name, for JSON and scripts} */
  public String id() {
    return id;
  }

  /** {@return what it is about} */
  public ProbeGroup group() {
    return group;
  }
}
