package dev.sightline.audit.zoo;

import org.jspecify.annotations.Nullable;

/** What is wrong about a model of the zoo: one thing each. */
public enum Bug {
  NONE,
  MASK_CUT_ALL(0),
  MASK_CUT_LAYER(1),
  /** The mask's shape is read, its values are not. */
  MASK_SHAPE_ONLY(0),
  MASK_INVERTED(0),
  /** Padded queries are masked where padded keys should be. */
  MASK_QUERY_AXIS(0),
  WEAK_FILL_5(0),
  WEAK_FILL_10(0),
  /** The first {@code sum(mask)} keys are kept, wherever the padding is. */
  LENGTHS_INSTEAD_OF_MASK(0),
  CAUSAL_MISSING_LAYER(1),
  CAUSAL_MISSING_HEAD(1, 2),
  /** Every token sees the next one. */
  CAUSAL_OFF_BY_ONE(0),
  /** In the cross-attention of all layers. */
  ENCODER_MASK_IGNORED(0),
  ENCODER_MASK_IGNORED_LAYER(1),
  POOL_LAST_POSITION(Pooling.LAST_POSITION),
  /** Position {@code sum(mask) - 1}. */
  POOL_SUM_MINUS_ONE(Pooling.SUM_MINUS_ONE),
  POOL_FIRST_POSITION(Pooling.FIRST_POSITION),
  POOL_MEAN_ALL_POSITIONS(Pooling.MEAN_ALL_POSITIONS),
  /** The sum over real tokens, divided by the width of the batch. */
  POOL_DIVIDED_BY_L(Pooling.DIVIDED_BY_L),
  /** {@code position_ids} is an input, but positions are counted from the start of the row. */
  POSITIONS_IGNORED(Place.OUTSIDE),
  /**
   * A padded query may see nothing at all. Its NaN is made in layer 0 and reaches real tokens in
   * layer 1, as 0 * NaN.
   */
  NAN_ROW(0),
  /** The mask is made of the ids that are not 0, and the mask that is given is ignored. */
  PAD_ID_IS_REAL(0),
  /** The rows of the mask go to the wrong texts of the batch. */
  WRONG_STRIDE(0),
  /** Every token also sees the mean over all positions of its row, before layer 1. */
  LEAK_OUTSIDE(Place.OUTSIDE, 1),
  /** Every token also sees the mean over the rows of the batch, before layer 1. */
  BATCH_LEAK(Place.OUTSIDE, 1),
  /** The axes of rows and tokens are swapped: a token attends to those of the other rows. */
  SWAPPED_AXES(1),
  /** One row runs, and two are refused. */
  ONE_ROW(Place.NOWHERE);

  /** What a fault enters by. */
  public enum Place {
    NOWHERE,
    ATTENTION,
    OUTSIDE,
    POOLING
  }

  private final Place place;
  private final @Nullable Integer layer;
  private final @Nullable Integer head;
  private final Pooling pooling;

  Bug() {
    this(Place.NOWHERE, null, null, Pooling.NONE);
  }

  Bug(int layer) {
    this(Place.ATTENTION, layer, null, Pooling.NONE);
  }

  Bug(int layer, int head) {
    this(Place.ATTENTION, layer, head, Pooling.NONE);
  }

  Bug(Place place) {
    this(place, null, null, Pooling.NONE);
  }

  Bug(Place place, int layer) {
    this(place, layer, null, Pooling.NONE);
  }

  Bug(Pooling pooling) {
    this(Place.POOLING, null, null, pooling);
  }

  Bug(Place place, @Nullable Integer layer, @Nullable Integer head, Pooling pooling) {
    this.place = place;
    this.layer = layer;
    this.head = head;
    this.pooling = pooling;
  }

  public Place place() {
    return place;
  }

  /**
   * The first layer that is touched: of attention, or, outside it, the one after the leak. Null if
   * no layer is. In an encoder-decoder, masks are cut in the encoder, causality is lost in the
   * decoder, and either stack counts from 0.
   */
  public @Nullable Integer layer() {
    return layer;
  }

  /** The one head that is touched, or null if all are. */
  public @Nullable Integer head() {
    return head;
  }

  Pooling pooling() {
    return pooling;
  }

  boolean in(int someLayer) {
    return layer != null && layer == someLayer;
  }
}
