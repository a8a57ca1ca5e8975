package dev.sightline.audit.result;

/** What all findings mean together. */
public enum Summary {
  /** The model does not implement the declared mask. */
  DECLARED_MASK_FAILS,
  /** The model forbids what the declared mask allows, and nothing else is wrong with it. */
  DECLARED_MASK_NARROWER,
  /** The model does not read its mask. */
  MASK_NOT_READ,
  /** The padding mask holds and the causal mask does not. */
  NOT_CAUSAL,
  /** A causal mask is missing where a batch has no padding. */
  NOT_CAUSAL_UNPADDED,
  /** A causal mask is missing where a batch has padding. */
  CAUSAL_UNPADDED_ONLY,
  /** No head attends to later tokens, and tokens depend on later ones. */
  LATER_TOKENS_OUTSIDE_ATTENTION,
  /** Outputs are no numbers. */
  NOT_FINITE,
  /** Texts of one batch change each other's results. */
  ROWS_DEPEND,
  /** The pooling takes padding for tokens. */
  POOLING_FAILS,
  /** The mask holds, and positions are wrong under left padding. */
  POSITIONS_FAIL,
  /** Padding reaches real tokens wherever it is. */
  PADDING_REACHES,
  /** Padding reaches real tokens where it is before or inside a text. */
  PADDING_BEFORE_TEXT_REACHES,
  /** Right without a cache, and wrong with one. */
  CACHE_FAILS,
  /** The mask is not obeyed, and the model is causal, so that padding after a text does no harm. */
  HARMLESS_AFTER_TEXT,
  /** The padding mask holds, and the model rounds by the largest value in the batch. */
  QUANTISATION,
  /** The padding mask holds, and results change within noise. */
  NOISE,
  /** The model implements exactly the declared mask. */
  DECLARED_MASK_HOLDS,
  /** The padding mask holds on the right, where the model is judged, and not on the left. */
  RIGHT_SIDE,
  /** The padding mask holds on the left, where the model is judged, and not on the right. */
  LEFT_SIDE,
  /** The padding mask holds. */
  MASK_HOLDS,
  /** The padding mask holds for padding with the padding id, by which the model finds it. */
  PADDING_FROM_IDS,
  /** The model has no mask input. */
  NO_MASK_INPUT,
  /** The model has no attention and takes no mask. */
  NOTHING_TO_MASK,
  /** Every output of a token depends on that token alone, so that none can reach another. */
  TOKEN_WISE,
  /** No control changed. */
  NOTHING_PROVED,
  /** No probe had data. */
  NO_DATA
}
