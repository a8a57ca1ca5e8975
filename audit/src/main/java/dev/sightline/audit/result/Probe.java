package dev.sightline.audit.result;

/**
 * A question to the model, answered by a pair of runs that must agree, or must differ. Runs are
 * compared on real tokens only: what a model gives at padding may be anything.
 */
public enum Probe {
  /** Other token ids under the padding. */
  PAD_CONTENT(Group.PADDING, "pad-content"),
  /** Other token ids under padding before or inside the text. */
  SIDE_CONTENT(Group.PADDING, "side-content"),
  /** More padding after the text. */
  PAD_LENGTH(Group.PADDING, "pad-length"),
  /** Padding before the text. */
  PAD_LEFT(Group.PADDING, "pad-left"),
  /** Padding inside the text. */
  PAD_INTERIOR(Group.PADDING, "pad-interior"),
  /** Other positions. */
  POSITIONS(Group.POSITIONS, "positions"),
  /** Other texts in the other rows of the batch. */
  NEIGHBOUR(Group.ROWS, "neighbour"),
  /** The text alone against the text in a batch. */
  BATCH(Group.PADDING, "batch"),
  /** Another mask over the same tokens. */
  MASK_VALUE(Group.MASK, "mask-value"),
  /** Padding of one stream, seen from another. */
  CROSS_MASK(Group.PADDING, "cross-mask"),
  /** Outputs for a text as a whole. */
  POOLING(Group.POOLING, "pooling"),
  /** A later token. */
  CAUSALITY(Group.CAUSALITY, "causality"),
  /** Steps with the cache of the run before. */
  CACHE(Group.CACHE, "cache"),
  /** Attention that real tokens pay to padding. */
  PADDING_MASS(Group.ATTENTION, "padding-mass"),
  /** Attention against a declared mask. */
  DECLARED_INSIDE(Group.DECLARED, "declared-inside"),
  /** Dependence against a declared mask. */
  DECLARED_OUTSIDE(Group.DECLARED, "declared-outside"),
  /** The model with its probabilities tapped against the model as it is. */
  INSTRUMENTED(Group.INSTRUMENTS, "instrumented"),
  /** The model as the runtime fuses it against the model node by node. */
  FUSED(Group.INSTRUMENTS, "fused");

  private final Group group;
  private final String id;

  Probe(Group group, String id) {
    this.group = group;
    this.id = id;
  }

  /** {@return the stable name, for JSON and scripts} */
  public String id() {
    return id;
  }

  /**
   * {@return whether it fails where an attention sees padding or misses a real token: what padding
   * changes at tokens, the mask's values, and attention on padding}
   */
  public boolean showsPadding() {
    return group == Group.PADDING || this == MASK_VALUE || this == PADDING_MASS;
  }

  /** {@return what it is about} */
  public Group group() {
    return group;
  }

  /** What a probe is about: probes of one group that fail together have one line in an answer. */
  public enum Group {
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

    Group(String id) {
      this.id = id;
    }

    /** {@return the stable name, for JUnit XML and scripts} */
    public String id() {
      return id;
    }
  }
}
