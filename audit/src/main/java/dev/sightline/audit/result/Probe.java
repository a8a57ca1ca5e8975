package dev.sightline.audit.result;

/**
 * A question to the model, answered by a pair of runs that must agree, or must differ. Runs are
 * compared on real tokens only: what a model gives at padding may be anything.
 */
public enum Probe {
  /** Other token ids under the padding. */
  PAD_CONTENT("pad-content"),
  /** Other token ids under padding that stands elsewhere. */
  SIDE_CONTENT("side-content"),
  /** More padding behind the text. */
  PAD_LENGTH("pad-length"),
  /** Padding before the text. */
  PAD_LEFT("pad-left"),
  /** Padding inside the text. */
  PAD_INTERIOR("pad-interior"),
  /** Other positions. */
  POSITIONS("positions"),
  /** Other texts in the other rows of the batch. */
  NEIGHBOUR("neighbour"),
  /** The text alone against the text in a batch. */
  BATCH("batch"),
  /** Another mask over the same tokens. */
  MASK_VALUE("mask-value"),
  /** Padding of one stream, seen from another. */
  CROSS_MASK("cross-mask"),
  /** Outputs for a text as a whole. */
  POOLING("pooling"),
  /** A later token. */
  CAUSALITY("causality"),
  /** Steps with the cache of the run before. */
  CACHE("cache"),
  /** Attention that real tokens pay to padding. */
  PADDING_MASS("padding-mass"),
  /** Attention against a declared mask. */
  DECLARED_INSIDE("declared-inside"),
  /** Dependence against a declared mask. */
  DECLARED_OUTSIDE("declared-outside"),
  /** The model with its probabilities tapped against the model as it is. */
  INSTRUMENTED("instrumented"),
  /** The model as the runtime fuses it against the model node by node. */
  FUSED("fused");

  private final String id;

  Probe(String id) {
    this.id = id;
  }

  /** {@return the stable name, for JSON and scripts} */
  public String id() {
    return id;
  }
}
