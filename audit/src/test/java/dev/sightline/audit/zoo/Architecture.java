package dev.sightline.audit.zoo;

/** The kinds of model in the zoo: how tokens know their place, and how attention is written. */
public enum Architecture {
  /** Bidirectional, learned positions counted from the start of the row. */
  ENCODER(false, Positions.FROM_ROW_START),
  /** As {@link #ENCODER}, but positions count the ids that are not the padding id. */
  ENCODER_ROBERTA(false, Positions.FROM_IDS),
  /** Causal, positions count the real tokens of the mask, as OPT's do. */
  DECODER_OPT(true, Positions.FROM_MASK),
  /**
   * Causal, rotary positions counted from the start of the row, as Qwen's exports without
   * positions.
   */
  DECODER_ROTARY(true, Positions.ROTARY_FROM_ROW_START),
  /** Causal, with a bias by distance in place of positions, as BLOOM's and MPT's. */
  DECODER_RELATIVE(true, Positions.RELATIVE),
  /** Causal, positions given as {@code position_ids}. */
  DECODER(true, Positions.INPUT),
  /** Causal, positions counted from the start of the row. */
  DECODER_NO_POSITIONS(true, Positions.FROM_ROW_START),
  /** As {@link #DECODER}, with {@code past_key_values.N.*} going in and {@code present.N.*} out. */
  DECODER_PAST(true, Positions.INPUT),
  /** Causal, two heads of keys and values for four of queries, rotary positions. */
  GQA(true, Positions.ROTARY),
  /** Causal, and no farther back than {@link Masks#WINDOW} positions, the token's own included. */
  WINDOW(true, Positions.INPUT),
  /** Causal, but tokens with {@code token_type_ids} 1 see each other in both directions. */
  PREFIX_LM(true, Positions.INPUT),
  /** An encoder with a bias by distance, and a decoder that looks at it in every layer. */
  ENCODER_DECODER(true, Positions.RELATIVE),
  /** Bidirectional, with a bias by distance in place of positions. */
  RELATIVE(false, Positions.RELATIVE),
  /** {@link #ENCODER} by ONNX Attention with a mask of booleans. */
  ATTENTION_OP(false, Positions.FROM_ROW_START),
  /** {@link #ENCODER} by com.microsoft MultiHeadAttention with its key_padding_mask. */
  MULTI_HEAD(false, Positions.FROM_ROW_START),
  /** {@link #ENCODER} by com.microsoft Attention with its mask_index. */
  MS_ATTENTION(false, Positions.FROM_ROW_START),
  /** Causal, by com.microsoft GroupQueryAttention: it takes lengths, so right padding only. */
  GROUP_QUERY(true, Positions.FROM_ROW_START),
  /** {@link #ENCODER} whose layers take their input rounded to 8 bits by the batch's range. */
  QUANTISED(false, Positions.FROM_ROW_START),
  /** {@link #ENCODER} in float16 inside. */
  FP16(false, Positions.FROM_ROW_START),
  /** {@link #ENCODER} with one more score for each head that takes weight and gives nothing. */
  SINKS(false, Positions.FROM_ROW_START),
  /** {@link #ENCODER} with the heads folded into the batch: products of three dimensions. */
  THREE_D(false, Positions.FROM_ROW_START),
  /** Image patches, no mask by design. */
  VISION(false, Positions.FROM_ROW_START),
  /** The columns of a line of text as an image, no mask by design. */
  SEQ_IMAGE(false, Positions.RELATIVE),
  /** Six queries that look at a masked context; the inputs are vectors. */
  CROSS_FEATURES(false, Positions.RELATIVE),
  /** {@link #ENCODER} inside both bodies of an If, which {@code use_cache_branch} chooses. */
  IF_BRANCH(false, Positions.FROM_ROW_START),
  /** As {@link #IF_BRANCH}, chosen by a constant. */
  IF_CONSTANT(false, Positions.FROM_ROW_START);

  enum Positions {
    FROM_ROW_START,
    FROM_IDS,
    INPUT,
    ROTARY,
    ROTARY_FROM_ROW_START,
    FROM_MASK,
    RELATIVE
  }

  private final boolean causal;
  private final Positions positions;

  Architecture(boolean causal, Positions positions) {
    this.causal = causal;
    this.positions = positions;
  }

  /** Whether no token may see a later one; a prefix of {@link #PREFIX_LM} is excepted. */
  public boolean causal() {
    return causal;
  }

  Positions positions() {
    return positions;
  }

  public boolean takesPositionIds() {
    return positions == Positions.INPUT || positions == Positions.ROTARY;
  }

  /** Whether a text padded on the left, with its positions, gives what it gives on the right. */
  public boolean leftPadding() {
    return positions != Positions.FROM_ROW_START && this != SEQ_IMAGE;
  }

  /** Whether the content of padding before a text must leave the text's outputs alone. */
  public boolean ignoresPaddingBefore() {
    // One counts ids, the other knows nothing but lengths.
    return this != ENCODER_ROBERTA && this != GROUP_QUERY && takesTokens();
  }

  /** Whether the model is fed with token ids and a mask. */
  public boolean takesTokens() {
    return this != VISION && this != SEQ_IMAGE && this != CROSS_FEATURES;
  }
}
