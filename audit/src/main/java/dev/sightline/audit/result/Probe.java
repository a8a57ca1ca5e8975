package dev.sightline.audit.result;

/**
 * A question to the model, answered by a pair of runs that must agree, or must differ. Runs are
 * compared on real tokens only: what a model gives at padding may be anything.
 */
public enum Probe {
  /** Other token ids under the padding. */
  PAD_CONTENT(
      ProbeGroup.PADDING,
      "pad-content",
      "content",
      "Does it matter what stands in the padding?",
      "the padding behind a text holds other tokens; real tokens must not move at all"),
  /** Other token ids under padding that stands elsewhere. */
  SIDE_CONTENT(
      ProbeGroup.PADDING,
      "side-content",
      "side",
      "Does it matter what stands in padding before or inside a text?",
      "padding stands left of the text, then in its middle, and holds other tokens; real tokens"
          + " must not move at all"),
  /** More padding behind the text. */
  PAD_LENGTH(
      ProbeGroup.PADDING,
      "pad-length",
      "length",
      "Does it matter how much padding there is?",
      "rows are padded by 1 and 7 more tokens, to 64 and to 128; real tokens must not move beyond"
          + " rounding"),
  /** Padding before the text. */
  PAD_LEFT(
      ProbeGroup.PADDING,
      "pad-left",
      "left",
      "Is a text the same with its padding on the left?",
      "each text without padding, then padded on the left, with positions that count real tokens"
          + " where the model takes them; it must not move beyond rounding"),
  /** Padding inside the text. */
  PAD_INTERIOR(
      ProbeGroup.PADDING,
      "pad-interior",
      "middle",
      "Is a text the same with padding in its middle?",
      "each text without padding, then with padding between its halves; it must not move beyond"
          + " rounding"),
  /** Other positions. */
  POSITIONS(
      ProbeGroup.POSITIONS,
      "positions",
      "",
      "Does the model read its positions?",
      "every position is halved; real tokens must move"),
  /** Other texts in the other rows of the batch. */
  NEIGHBOUR(
      ProbeGroup.ROWS,
      "neighbour",
      "neighbour",
      "Do the rows of a batch see each other?",
      "every other row holds other tokens; the rows that stayed must not move at all"),
  /** The text alone against the text in a batch. */
  BATCH(
      ProbeGroup.PADDING,
      "batch",
      "batch",
      "Is a text the same alone and in a batch?",
      "each text runs alone without padding, then in a padded batch; it must not move beyond"
          + " rounding"),
  /** Another mask over the same tokens. */
  MASK_VALUE(
      ProbeGroup.MASK,
      "mask-value",
      "",
      "Does the model read its mask?",
      "one real token is masked out, then all padding is unmasked; real tokens must move"),
  /** Padding of one stream, seen from another. */
  CROSS_MASK(
      ProbeGroup.PADDING,
      "cross-mask",
      "cross",
      "Does padding of one input reach the tokens of another?",
      "the padding of one input holds other tokens; outputs for the other input's tokens must not"
          + " move at all"),
  /** Outputs for a text as a whole. */
  POOLING(
      ProbeGroup.POOLING,
      "pooling",
      "",
      "Does the pooled output take real tokens only?",
      "the padding holds other tokens, and the text runs alone; the output for the whole text must"
          + " not move beyond rounding"),
  /** A later token. */
  CAUSALITY(
      ProbeGroup.CAUSALITY,
      "causality",
      "",
      "Does a token see those after it?",
      "one token of each text is another; in a causal model, those before it must not"
          + " move at all"),
  /** Steps with the cache of the run before. */
  CACHE(
      ProbeGroup.CACHE,
      "cache",
      "",
      "Is a step with a cache what the whole text gives?",
      "some tokens run at once, the others in steps with the cache that the model gave; the steps"
          + " must give what one run gives, also with padding in the cache, whatever that holds"),
  /** Attention that real tokens pay to padding. */
  PADDING_MASS(
      ProbeGroup.ATTENTION,
      "padding-mass",
      "",
      "Does any head look at padding?",
      "attention of real queries on padded keys, summed for each layer and head, with padding on"
          + " the right and on the left; it must be 0"),
  /** Attention against a declared mask. */
  DECLARED_INSIDE(
      ProbeGroup.DECLARED,
      "declared-inside",
      "inside",
      "Does every head attend only where the declared mask lets it?",
      "each probability of a real query is held against the declared mask, cell by cell; a"
          + " forbidden one must be exactly 0"),
  /** Dependence against a declared mask. */
  DECLARED_OUTSIDE(
      ProbeGroup.DECLARED,
      "declared-outside",
      "outside",
      "Does an output depend only on what the declared masks give it a path to?",
      "each token is replaced by another, one after the other; outputs without a path to it through"
          + " the declared masks of all layers must not move at all"),
  /** The model with its probabilities tapped against the model as it is. */
  INSTRUMENTED(
      ProbeGroup.INSTRUMENTS,
      "instrumented",
      "instrumented",
      "Do the added probe outputs change the result?",
      "the model with its attention tapped against the untouched one; it must not move beyond"
          + " rounding"),
  /** The model as the runtime fuses it against the model node by node. */
  FUSED(
      ProbeGroup.INSTRUMENTS,
      "fused",
      "fused",
      "Does the runtime's fusion change the result?",
      "the model as the runtime optimises it against the same run node by node; it must not move"
          + " beyond rounding");

  private final ProbeGroup group;
  private final String id;
  private final String label;
  private final String question;
  private final String method;

  Probe(ProbeGroup group, String id, String label, String question, String method) {
    this.group = group;
    this.id = id;
    this.label = label;
    this.question = question;
    this.method = method;
  }

  /** The stable name, for JSON and scripts. */
  public String id() {
    return id;
  }

  /** What it is about. */
  public ProbeGroup group() {
    return group;
  }

  /** What it changes, in a word that tells it from others of its group; empty if it is alone. */
  public String label() {
    return label;
  }

  /** What it asks, as a person would. */
  public String question() {
    return question;
  }

  /** What is changed and what must hold. */
  public String method() {
    return method;
  }
}
